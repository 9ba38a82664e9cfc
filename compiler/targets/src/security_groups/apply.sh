#!/usr/bin/env bash
# Brings the security groups of one network to what groups.json says, beside this script.
#
# It creates missing groups, adds missing rules, and then takes surplus rules from the groups that groups.json lists,
# the rules that a new group starts with among them. Other groups are never touched: one that carries this project's tag
# and is not listed any more is reported, not deleted. Descriptions of what is there already are left as they are.
# A group of a listed name that does not carry the tag is somebody else's: the script stops before it writes anything.
# --adopt NAME takes that one over: it says which rules will go, and tags it. Give it once for each group.
# At the end it reads everything back. Run it as often as you like; a second run writes nothing.
#
# Usage: apply.sh [--dry-run] [--adopt NAME]...
# Needs: bash 4, aws (version 1 or 2), jq 1.6, and credentials of the account that network.json names.
# Exit:  0 as declared · 1 it differs, or something failed · 2 usage

set -euo pipefail
umask 077

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

usage() { printf 'usage: apply.sh [--dry-run] [--adopt NAME]...\n' >&2; exit 2; }

dry_run=no
adopt=()
while [ "$#" -gt 0 ]; do
  case "$1" in
    --dry-run) dry_run=yes; shift ;;
    --adopt)
      if [ "$#" -lt 2 ] || [ -z "$2" ]; then usage; fi
      adopt+=("$2")
      shift 2
      ;;
    *) usage ;;
  esac
done

for tool in aws jq; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is not installed"
done

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

export AWS_PAGER=''
export AWS_CLI_AUTO_PROMPT=off
export AWS_RETRY_MODE="${AWS_RETRY_MODE:-standard}"
export AWS_MAX_ATTEMPTS="${AWS_MAX_ATTEMPTS:-10}"

network="$here/network.json"
declared="$here/groups.json"
[ "$(jq -r '.format' "$network")" = 'leastwise-security-groups/1' ] || fail 'network.json is not of a format that this script knows'
account=$(jq -er '.account' "$network")
region=$(jq -er '.region' "$network")
project=$(jq -er '.project' "$network")

ec2() { aws ec2 "$@" --region "$region" --output json; }

# The right account, and exactly one network.

actual=$(aws sts get-caller-identity --region "$region" --query Account --output text)
[ "$actual" = "$account" ] || fail "these credentials are of account $actual, and this is for $account"

jq '.vpc | if .id then {VpcIds: [.id]}
           else {Filters: [{Name: "cidr", Values: [.cidr]}, {Name: "tag:Name", Values: [.name]}]} end' \
  "$network" >"$work/vpc-query.json"
ec2 describe-vpcs --cli-input-json "file://$work/vpc-query.json" >"$work/vpcs.json"
[ "$(jq '.Vpcs | length' "$work/vpcs.json")" = 1 ] ||
  fail "network.json names $(jq '.Vpcs | length' "$work/vpcs.json") networks of account $account in $region, and must name one"
vpc=$(jq -er '.Vpcs[0].VpcId' "$work/vpcs.json")

describe() {
  ec2 describe-security-groups --filters "Name=vpc-id,Values=$vpc" >"$work/groups.json"
  if jq -e '[.SecurityGroups[].GroupName] | length != (unique | length)' "$work/groups.json" >/dev/null; then
    fail 'two groups of this network have the same name'
  fi
}

# Both sides as sorted lists of rules with one peer each; a rule is the same if protocol, ports and peer are.
# shellcheck disable=SC2016
rules='
  def ported: . as $p | ["tcp", "udp", "icmp", "icmpv6"] | index($p) != null;
  def flat:
    [ .[] | .IpProtocol as $protocol
      | (if $protocol | ported then [.FromPort, .ToPort] else [null, null] end) as $ports
      | ( (.UserIdGroupPairs[]? | {sort: "group", peer: .GroupId, pair: .}),
          (.IpRanges[]?         | {sort: "ipv4", peer: .CidrIp, pair: .}),
          (.Ipv6Ranges[]?       | {sort: "ipv6", peer: .CidrIpv6, pair: .}),
          (.PrefixListIds[]?    | {sort: "list", peer: .PrefixListId, pair: .}) )
      | . + {protocol: $protocol, from: $ports[0], to: $ports[1]} ];
  def key: [.protocol, .from, .to, .sort, .peer];
  def permission($described):
    {IpProtocol: .protocol}
    + (if .protocol == "-1" then {} elif .from != null then {FromPort: .from, ToPort: .to} else {FromPort: -1, ToPort: -1} end)
    + ( (.pair.Description // null) as $text
        | (if $described and $text != null then {Description: $text} else {} end) as $description
        | if .sort == "group" then {UserIdGroupPairs: [{GroupId: .peer} + (if .pair.UserId then {UserId: .pair.UserId} else {} end) + $description]}
          elif .sort == "ipv4" then {IpRanges: [{CidrIp: .peer} + $description]}
          elif .sort == "ipv6" then {Ipv6Ranges: [{CidrIpv6: .peer} + $description]}
          else {PrefixListIds: [{PrefixListId: .peer}]} end );
  def minus($other): ($other | map({key: (key | tojson), value: true}) | from_entries) as $known
    | map(select($known[key | tojson] | not));
  ($there[0].SecurityGroups | map({key: .GroupName, value: .}) | from_entries) as $actual
  | ($actual | map_values(.GroupId)) as $ids
  | [ .groups[]
      | . as $group
      | $actual[.name] as $have
      | ( ["ingress", .ingress, $have.IpPermissions], ["egress", .egress, $have.IpPermissionsEgress] )
      | . as [$way, $declared, $present]
      | ( ($declared // []) | flat
          | map(if .sort == "group" then .peer = (.pair.GroupId // $ids[.pair.GroupName] // ("(new) " + .pair.GroupName)) else . end) ) as $want
      | ( ($present // []) | flat ) as $got
      | { name: $group.name, id: ($have.GroupId // null), way: $way,
          missing: [ $want | minus($got)[] | permission(true) ],
          surplus: [ $got | minus($want)[] | permission(false) ] }
      | select((.missing | length) + (.surplus | length) > 0) ]'

compare() {
  describe
  if [ "$dry_run" = yes ]; then start_new; fi
  jq --slurpfile there "$work/groups.json" "$rules" "$declared" >"$work/changes.json"
  jq --slurpfile there "$work/groups.json" \
    '[($there[0].SecurityGroups[] | select(.New | not) | .GroupName)] as $known | [.groups[] | select(.name as $n | $known | index($n) | not)]' \
    "$declared" >"$work/new.json"
}

# What a new group starts with, so that a dry run counts what the real one does.
start_new() {
  jq --slurpfile listed "$declared" --slurpfile vpc "$work/vpcs.json" \
    '([.SecurityGroups[].GroupName]) as $known
     | ($vpc[0].Vpcs[0].Ipv6CidrBlockAssociationSet // [] | length > 0) as $six
     | .SecurityGroups += [ $listed[0].groups[].name
         | select(. as $n | $known | index($n) | not)
         | {GroupName: ., GroupId: ("(new) " + .), New: true, IpPermissions: [],
            IpPermissionsEgress: [{IpProtocol: "-1", IpRanges: [{CidrIp: "0.0.0.0/0"}],
                                   Ipv6Ranges: (if $six then [{CidrIpv6: "::/0"}] else [] end)}]} ]' \
    "$work/groups.json" >"$work/started.json"
  mv -- "$work/started.json" "$work/groups.json"
}

report() {
  jq -r '.[] | "  \(.name) \(.way): \(.missing | length) to add, \(.surplus | length) to take",
         (.missing[] | "    + \(tojson)"), (.surplus[] | "    - \(tojson)")' "$work/changes.json"
}

compare
created=0 added=0 taken=0

# What is not listed is not touched, but said.
jq -r --arg project "$project" --slurpfile listed "$declared" \
  '[$listed[0].groups[].name] as $names
   | .SecurityGroups[] | select(any(.Tags[]?; .Key == "leastwise" and .Value == $project))
   | select(.GroupName as $n | $names | index($n) | not) | .GroupName' \
  "$work/groups.json" >"$work/unlisted"
while IFS= read -r name; do
  say "note: group \"$name\" is not declared any more; delete it when nothing uses it"
done <"$work/unlisted"

# Groups of listed names that are not this project's.
jq -r --arg project "$project" --slurpfile listed "$declared" \
  '[$listed[0].groups[].name] as $names
   | .SecurityGroups[] | select(.New | not) | select(.GroupName as $n | $names | index($n))
   | select(any(.Tags[]?; .Key == "leastwise" and .Value == $project) | not) | .GroupName' \
  "$work/groups.json" >"$work/foreign"
jq -r '.groups[].name' "$declared" >"$work/names"
for name in ${adopt[@]+"${adopt[@]}"}; do
  grep -qxF -- "$name" "$work/names" || fail "--adopt $name: groups.json lists no such group"
done
refused=0
while IFS= read -r name; do
  adopted=no
  for taken_over in ${adopt[@]+"${adopt[@]}"}; do
    if [ "$taken_over" = "$name" ]; then adopted=yes; fi
  done
  if [ "$adopted" = yes ]; then
    say "taking over $name: $(jq --arg n "$name" '[.[] | select(.name == $n) | .surplus[]] | length' "$work/changes.json") of its rules go"
    jq -r --arg n "$name" '.[] | select(.name == $n) | .way as $way | .surplus[] | "    - \($way) \(tojson)"' "$work/changes.json"
  else
    printf 'error: group "%s" is there and does not carry this project'"'"'s tag; --adopt %s takes it over\n' "$name" "$name" >&2
    refused=$((refused + 1))
  fi
done <"$work/foreign"
if [ "$refused" -gt 0 ]; then fail "$refused groups are somebody else's; nothing was written"; fi

if [ "$dry_run" = yes ]; then
  jq -r '.[] | "would create \(.name)"' "$work/new.json"
  report
  say "dry run: nothing was written; $(jq length "$work/new.json") groups to create, $(jq '[.[].missing[]] | length' "$work/changes.json") rules to add, $(jq '[.[].surplus[]] | length' "$work/changes.json") to take"
  if [ "$(jq length "$work/new.json")" = 0 ] && [ "$(jq length "$work/changes.json")" = 0 ] && [ ! -s "$work/foreign" ]; then exit 0; fi
  exit 1
fi

while IFS= read -r name; do
  id=$(jq -er --arg n "$name" '.SecurityGroups[] | select(.GroupName == $n) | .GroupId' "$work/groups.json")
  ec2 create-tags --resources "$id" --tags "Key=leastwise,Value=$project" >/dev/null
  say "took over $name ($id)"
done <"$work/foreign"

# Groups first and empty, so that rules can name one another.

count=$(jq length "$work/new.json")
for ((i = 0; i < count; i++)); do
  jq --argjson i "$i" --arg vpc "$vpc" --arg project "$project" \
    '.[$i] | {GroupName: .name, Description: .description, VpcId: $vpc,
              TagSpecifications: [{ResourceType: "security-group", Tags: [{Key: "leastwise", Value: $project}, {Key: "Name", Value: .name}]}]}' \
    "$work/new.json" >"$work/create.json"
  ec2 create-security-group --cli-input-json "file://$work/create.json" >"$work/created.json"
  id=$(jq -er '.GroupId' "$work/created.json")
  ec2 wait security-group-exists --group-ids "$id" >/dev/null
  say "created $(jq -r '.GroupName' "$work/create.json") ($id)"
  created=$((created + 1))
done
if [ "$created" -gt 0 ]; then compare; fi

# Adds before it takes: what stays allowed is never cut in between. One call for a group and direction.

change() { # missing|surplus authorize|revoke
  local total id way call
  total=$(jq length "$work/changes.json")
  for ((i = 0; i < total; i++)); do
    jq --argjson i "$i" --arg list "$1" '.[$i][$list]' "$work/changes.json" >"$work/permissions.json"
    call=$(jq length "$work/permissions.json")
    if [ "$call" = 0 ]; then continue; fi
    id=$(jq -er --argjson i "$i" '.[$i].id' "$work/changes.json")
    way=$(jq -er --argjson i "$i" '.[$i].way' "$work/changes.json")
    ec2 "$2-security-group-$way" --group-id "$id" --ip-permissions "file://$work/permissions.json" >/dev/null
    say "$2 $call $way $(jq -r --argjson i "$i" '.[$i].name' "$work/changes.json")"
    if [ "$1" = missing ]; then added=$((added + call)); else taken=$((taken + call)); fi
  done
}

change missing authorize
change surplus revoke

# Reading back. The provider answers late now and then, so it is asked again before it counts as a difference.

for pause in 0 2 4 8; do
  if [ "$((created + added + taken))" -gt 0 ] || [ "$pause" -gt 0 ]; then
    sleep "$pause"
    compare
  fi
  if [ "$(jq length "$work/new.json")" = 0 ] && [ "$(jq length "$work/changes.json")" = 0 ]; then
    say "as declared: created $created groups, added $added rules, took $taken rules"
    exit 0
  fi
done
report >&2
fail 'the network differs from groups.json'
