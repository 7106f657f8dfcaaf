#!/bin/sh
# Sign with a key in a file, through openssl: the simplest program that --signer-cmd can run.
#
#   SIGNER_KEY=key.pem SIGNER_CHAIN=chain.pem finish edl.json --signer-cmd samples/signers/openssl.sh
#
# SIGNER_KEY    the private key, PEM
# SIGNER_CHAIN  its certificate chain, PEM, leaf first
# SIGNER_ALG    es256 (default), es384, es512, ps256, ps384 or ps512
#
# Asked with --signer-info it says who signs, as JSON. Otherwise it reads what is to be signed and
# writes the signature: DER for elliptic curves, which finisher turns into r and s.
set -eu
alg=${SIGNER_ALG:-es256}
bits=${alg#??}
if [ "${1:-}" = --signer-info ]; then
    # Lines of a PEM file hold nothing that JSON would have escaped.
    chain=$(openssl crl2pkcs7 -nocrl -certfile "$SIGNER_CHAIN" | openssl pkcs7 -print_certs |
        sed -n '/^-----BEGIN/,/^-----END/p' | awk '{ printf "%s\\n", $0 }')
    printf '{"alg": "%s", "sign_cert": "%s"}\n' "$alg" "$chain"
    exit 0
fi
case $alg in
    es*) exec openssl dgst "-sha$bits" -sign "$SIGNER_KEY" ;;
    ps*) exec openssl dgst "-sha$bits" -sigopt rsa_padding_mode:pss \
        -sigopt rsa_pss_saltlen:digest -sign "$SIGNER_KEY" ;;
    *) echo "SIGNER_ALG=$alg is not one of es256, es384, es512, ps256, ps384, ps512" >&2; exit 2 ;;
esac
