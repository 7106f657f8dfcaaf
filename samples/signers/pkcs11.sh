#!/bin/sh
# Sign with a key that never leaves its token: a smart card, an HSM, or SoftHSM to try it with.
#
#   P11_MODULE=/usr/lib/softhsm/libsofthsm2.so P11_TOKEN=studio P11_KEY=01 P11_PIN=... \
#   SIGNER_CHAIN=chain.pem finish edl.json --signer-cmd samples/signers/pkcs11.sh
#
# P11_MODULE    the token maker's PKCS#11 library
# P11_TOKEN     the token's label
# P11_KEY       the key's id, in hexadecimal
# P11_PIN       the user's PIN; without it, pkcs11-tool asks on the terminal
# SIGNER_CHAIN  the key's certificate chain, PEM, leaf first
# SIGNER_ALG    es256 (default), es384, es512, ps256, ps384 or ps512
#
# Needs pkcs11-tool (OpenSC) and openssl, which only hashes: what a token signs with ECDSA is the
# digest. The PIN goes through the environment, where a list of processes does not show it.
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
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/data"
case $alg in
    es*)
        openssl dgst "-sha$bits" -binary -out "$folder/digest" "$folder/data"
        set -- --mechanism ECDSA --input-file "$folder/digest" ;;
    ps*)
        set -- --mechanism "SHA$bits-RSA-PKCS-PSS" --mgf "MGF1-SHA$bits" \
            --salt-len "$((bits / 8))" --input-file "$folder/data" ;;
    *) echo "SIGNER_ALG=$alg is not one of es256, es384, es512, ps256, ps384, ps512" >&2; exit 2 ;;
esac
if [ -n "${P11_PIN:-}" ]; then
    set -- "$@" --pin env:P11_PIN
fi
# What it has to say besides goes to stderr: standard output is the signature's alone.
pkcs11-tool --module "$P11_MODULE" --token-label "$P11_TOKEN" --login --sign --id "$P11_KEY" \
    --output-file "$folder/signature" "$@" >&2
cat "$folder/signature"
