package bearer

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" // RFC 7523, section 2.2
	assertionLife = 10 * time.Minute
)

// clientAssertion is a JWT (RFC 7519) by which a client shows that it has the
// certificate's key. Microsoft asks for PS256 and the certificate's SHA-256
// thumbprint (RFC 7515, section 4.1.8).
func clientAssertion(cert tls.Certificate, client, audience string, now time.Time) (string, error) {
	key, ok := cert.PrivateKey.(*rsa.PrivateKey)
	if !ok || len(cert.Certificate) == 0 {
		return "", errors.New("the client's certificate must have an RSA key")
	}
	thumbprint := sha256.Sum256(cert.Certificate[0])
	id := rand.Text()
	header, err := part(map[string]string{"alg": "PS256", "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(thumbprint[:])})
	if err != nil {
		return "", err
	}
	claims, err := part(map[string]any{"aud": audience, "iss": client, "sub": client, "jti": id,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(assertionLife).Unix()})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(header + "." + claims))
	signature, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if err != nil {
		return "", err
	}
	return header + "." + claims + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func part(v any) (string, error) {
	b, err := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(b), err
}
