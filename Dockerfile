# The closeroll image: one static binary, no shell, no root.
#
#   docker build -t closeroll .
#   docker run --read-only -v closeroll-state:/var/lib/closeroll \
#       -v closeroll-drop:/var/spool/closeroll -v ./etc:/etc/closeroll:ro closeroll
#
# The daemon's identity belongs on another mount than its state; the
# configuration names where (see the README's part on keys).
ARG GO_IMAGE=golang:1.26-bookworm
ARG RUN_IMAGE=scratch

FROM ${GO_IMAGE} AS build
ARG GOPROXY
ARG VERSION
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o /out/usr/bin/closeroll ./cmd/closeroll
# What an image from scratch lacks: a place for temporary files, the folders
# that the volumes start from, and the certificate authorities.
RUN mkdir -p /out/var/lib/closeroll /out/var/spool/closeroll /out/run/closeroll /out/etc/closeroll /out/etc/ssl/certs /out/tmp \
 && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ \
 && chown -R 65532:65532 /out/var/lib/closeroll /out/var/spool/closeroll /out/run/closeroll \
 && chmod 700 /out/var/lib/closeroll /out/run/closeroll \
 && chmod 1777 /out/tmp

FROM ${RUN_IMAGE}
COPY --from=build /out/ /
USER 65532:65532
ENV HOME=/var/lib/closeroll
# The state: catalog, index and spool, each sealed. The drop folders.
VOLUME ["/var/lib/closeroll", "/var/spool/closeroll"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
  CMD ["/usr/bin/closeroll", "health", "--config", "/etc/closeroll/closeroll.yaml"]
ENTRYPOINT ["/usr/bin/closeroll"]
CMD ["serve", "--config", "/etc/closeroll/closeroll.yaml"]
