#!/bin/sh
# Checks a provisioning bundle before it is installed: exit 0 if it is whole and holds no key, else 1.
# This text is constant. It needs sha256sum, find, sort, sed, cut and grep.
set -eu
LC_ALL=C
export LC_ALL

fail() {
    printf 'verify: %s\n' "$1" >&2
    exit 1
}

cd "$(dirname "$0")" || fail 'no such folder'
[ -f SHA256SUMS ] || fail 'SHA256SUMS is missing'
[ -f MANIFEST.json ] || fail 'MANIFEST.json is missing'

odd=$(find . ! -type f ! -type d)
[ -z "$odd" ] || fail 'something is neither a file nor a folder'

listed=$({ cut -c 67- SHA256SUMS; printf '%s\n' SHA256SUMS; } | sort)
present=$(find . -type f | sed 's|^\./||' | sort)
[ "$listed" = "$present" ] || fail 'the files are not those that SHA256SUMS lists'

sha256sum -c SHA256SUMS >/dev/null 2>&1 || fail 'a file is not what SHA256SUMS says'

# In two pieces, or this file would find itself.
word='PRIV''ATE KEY'
found=$(find . -type f -exec grep -l -e "$word" {} +) || true
[ -z "$found" ] || fail 'a file holds a key'

printf 'verify: whole\n'
