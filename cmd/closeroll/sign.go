package main

import (
	"bytes"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/sshsig"
)

// signFlags say how a person puts their name to something.
type signFlags struct{ key, signature string }

func (s *signFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.key, "sign", "", "the SSH key to sign with: a private key's file, or the .pub file of one that ssh-agent has")
	f.StringVar(&s.signature, "signature", "", "a signature made with ssh-keygen -Y sign, instead of --sign")
}

// sign returns the person's signature of the statement: one made now, or one
// that ssh-keygen made before. It is "" where neither flag was given.
func (e *env) sign(s signFlags, purpose sshsig.Namespace, statement []byte) (string, error) {
	switch {
	case s.key != "" && s.signature != "":
		return "", usage("--sign and --signature are both given")
	case s.signature != "":
		b, err := os.ReadFile(s.signature)
		if err == nil {
			_, err = sshsig.Parse(b)
		}
		if err != nil {
			return "", advise(err, exitUsage, "make one with ssh-keygen -Y sign -n %s -f KEY FILE", purpose)
		}
		return string(b), nil
	case s.key == "":
		return "", nil
	}
	key, err := sshsig.LoadKey(s.key, e.getenv("SSH_AUTH_SOCK"), e.passphrase)
	if err != nil {
		return "", advise(err, exitUsage, "give the file of your SSH key with --sign")
	}
	armored, err := sshsig.Sign(bytes.NewReader(statement), key, purpose)
	if err = errors.Join(err, key.Close()); err != nil {
		return "", advise(err, exitUsage, "give the file of your SSH key with --sign")
	}
	return string(armored), nil
}
