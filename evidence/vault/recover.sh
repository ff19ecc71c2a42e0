#!/bin/sh
# Recover one object of the vault with openssl (3.0 or newer) and coreutils alone: docs/vault-format.md, 5.
# WRAPPED_KEY_HEX and the plain lengths of the extents, in order, are in the object's database row.
# This decrypts but cannot check GCM tags: compare the SHA-256 it prints with the ledger's.
# Keys appear in the process list while it runs: use a machine of your own.
set -eu
umask 077
fail() { echo "$1" >&2; exit 1; }
usage="recover.sh OBJECT_FILE OBJECT_ID CASE_KEY_FILE WRAPPED_KEY_HEX OUT LENGTH [LENGTH ...]"
[ $# -ge 6 ] || fail "usage: $usage"
file=$1 object=$2 case_key=$(cat "$3") wrapped=$4 out=$5
shift 5
segment=1048576 header=40 tag=16

hex() { od -An -v -tx1 | tr -d ' \n'; }
raw() { printf "$(echo "$1" | fold -w 2 | while read -r byte; do printf '\\%03o' "0x$byte"; done)"; }
part() { dd if="$file" iflag=skip_bytes,count_bytes,fullblock bs=$segment skip="$1" count="$2" status=none; }

key=$(raw "$wrapped" | openssl enc -d -id-aes256-wrap-pad -K "$case_key" -iv a65959a6 | hex)
[ ${#key} -eq 64 ] || fail "The case key does not open the wrapped key."

# recover_extent NUMBER OFFSET LENGTH writes the plain bytes of one extent; `stored` is its length in the file.
recover_extent() {
    salt=$(part $(($2 + 1)) 32 | hex)
    prefix=$(part $(($2 + 33)) 7 | hex)
    info=$(printf 'custody/v1|%s|%d' "$object" "$1" | hex)
    derived=$(openssl kdf -binary -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:"$key" \
        -kdfopt hexsalt:"$salt" -kdfopt hexinfo:"$info" HKDF | hex)
    number=0 begin=$header left=$3 last=0
    while [ $last -eq 0 ]; do
        plain=$((segment - begin - tag))
        [ "$left" -gt $plain ] || { plain=$left last=1; }
        # GCM encrypts as CTR does, its counter starting from 2.
        iv=$(printf '%s%08x%02x00000002' "$prefix" $number $last)
        part $(($2 + number * segment + begin)) "$plain" | openssl enc -d -aes-256-ctr -K "$derived" -iv "$iv"
        left=$((left - plain)) number=$((number + 1)) begin=0
    done
    stored=$((header + $3 + number * tag))
}

set -C # an existing OUT is not overwritten
: > "$out"
set +C
offset=0 extent=0
for length in "$@"; do
    recover_extent $extent $offset "$length" >> "$out"
    offset=$((offset + stored)) extent=$((extent + 1))
done
[ "$(stat -c %s "$file")" -eq $offset ] || fail "The object's file should have $offset bytes."
sha256sum "$out"
