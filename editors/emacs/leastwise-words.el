;;; leastwise-words.el --- The words of Leastwise specs  -*- lexical-binding: t; -*-

;;; Commentary:

;; Made by editors/make from the resolver and the standard library: edit those.

;;; Code:

(defconst leastwise-words-rules
  '("apply" "isolate" "limit" "never" "require" "test" "trust" "waive")
  "Words of trusts, promises and tests.")

(defconst leastwise-words-declarations
  '("account" "authority" "baseline" "device" "expires" "external" "group"
    "in" "job" "kind" "network" "owner" "people" "posture" "profile"
    "project" "provider" "site" "team" "use" "watch" "workload" "capability"
    "param" "property" "segment")
  "Words that declare a name.")

(defconst leastwise-words-kinds
  '("balancer" "bucket" "database" "device" "external" "function" "key"
    "listener" "local-topic" "log-group" "parameter" "people" "queue" "rule"
    "secret" "stream" "table" "timeseries" "topic" "workload")
  "Kinds of the standard library.")

(defconst leastwise-words-facts
  '("account" "action" "acts" "administer" "administrator" "allow"
    "approval" "arn" "as" "at" "attribute" "attributes" "backups" "because"
    "below-floor" "besides" "both-zones" "can" "cannot" "capability" "cell"
    "claim" "condition" "connects" "consent" "containers" "credentials"
    "data-class" "data-classes" "default" "differ" "doc" "does" "encrypted"
    "endpoint" "endpoints" "enroll" "environments" "errors" "except"
    "existing" "expires" "exposure" "external-id" "fifo" "firmware" "fleet"
    "floor" "gigabytes" "global-name" "group" "hardware" "health" "held-by"
    "helper" "hidden-for" "holds-data" "http" "identifiers" "identity"
    "judged-by" "leaves-by" "listens" "major" "mfa" "mfa-age" "object-lock"
    "objects" "oidc" "on" "only" "open-to" "others" "owner" "param"
    "partition-key" "patch" "path" "physical" "policy" "property" "quota"
    "reach" "reaches" "reason" "recent" "renamed-from" "restrict" "retain"
    "role" "root" "run-as" "runs" "same" "saml" "segment" "session"
    "sessions" "size" "sort" "sort-key" "source" "speaks" "ssh" "state"
    "steward" "tag" "targets" "tcp" "terraform" "through" "tls-only" "topic"
    "under" "until" "values" "versioned" "via" "wears" "weekdays" "when"
    "with" "zones")
  "Facts, in the block of a declaration.")

(defconst leastwise-words-properties
  '("accept" "account" "at-most" "audience" "by" "ca" "certificate" "cidr"
    "cidr6" "count" "default" "device" "edition" "effect" "expect" "from"
    "handle" "icmp" "icmp6" "id" "if" "issuer" "key" "kind" "level"
    "library" "login" "metadata" "mfa" "mfa-age" "name" "nucleus" "of" "on"
    "only" "path" "pin" "protocol" "reaches" "region" "required" "rotate"
    "runs-on" "segment" "service" "source" "tcp" "tls" "to" "trust" "type"
    "udp" "under" "unless" "until" "via" "whole")
  "Properties, on the line of a declaration.")

(defconst leastwise-words-capabilities
  '("activate" "batch-write" "connect" "decrypt" "delete" "deploy" "encrypt"
    "encrypt-directly" "enroll" "erase" "fan-out" "findings" "forward"
    "invoke" "list" "publish" "purge" "read" "read-versions" "receive"
    "register" "rotate" "send" "session" "subscribe" "upload" "write")
  "What a trust may allow.")

(defconst leastwise-words-selectors
  '("account" "data-class" "kind" "level" "network" "owner" "segment" "site"
    "tag")
  "What stands before a colon in a promise.")

(defconst leastwise-words-reserved
  '("aws" "ci" "ec2" "ecs" "eks" "internet" "iot-ota" "lambda" "onprem")
  "Names that mean something wherever they stand.")

(provide 'leastwise-words)

;;; leastwise-words.el ends here
