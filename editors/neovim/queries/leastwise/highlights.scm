; Colours.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

; What a line begins with: rules, declarations, kinds, facts, and what no list knows (a kind of the project's own).
((node name: (identifier) @keyword)
  (#any-of? @keyword
    "apply" "isolate" "limit" "never" "require" "test" "trust" "waive"))

((node name: (identifier) @keyword.import)
  (#any-of? @keyword.import
    "use" "in"))

((node name: (identifier) @keyword.type)
  (#any-of? @keyword.type
    "account" "authority" "baseline" "job" "kind" "network" "posture" "profile" "project" "provider" "site" "team"
    "watch" "capability" "param" "property" "segment"))

((node name: (identifier) @type)
  (#any-of? @type
    "balancer" "bucket" "database" "device" "external" "function" "key" "listener" "local-topic" "log-group"
    "parameter" "people" "queue" "rule" "secret" "stream" "table" "timeseries" "topic" "workload"))

((node name: (identifier) @property)
  (#any-of? @property
    "action" "acts" "administer" "administrator" "allow" "approval" "arn" "as" "at" "attribute" "attributes"
    "backups" "because" "below-floor" "besides" "both-zones" "can" "cannot" "cell" "claim" "condition" "connects"
    "consent" "containers" "credentials" "data-class" "data-classes" "default" "differ" "doc" "does" "encrypted"
    "endpoint" "endpoints" "enroll" "environments" "errors" "except" "existing" "expires" "exposure" "external-id"
    "fifo" "firmware" "fleet" "floor" "gigabytes" "global-name" "group" "hardware" "health" "held-by" "helper"
    "hidden-for" "holds-data" "http" "identifiers" "identity" "judged-by" "leaves-by" "listens" "major" "mfa"
    "mfa-age" "object-lock" "objects" "oidc" "on" "only" "open-to" "others" "owner" "partition-key" "patch" "path"
    "physical" "policy" "quota" "reach" "reaches" "reason" "recent" "renamed-from" "restrict" "retain" "role"
    "root" "run-as" "runs" "same" "saml" "session" "sessions" "size" "sort" "sort-key" "source" "speaks" "ssh"
    "state" "steward" "tag" "targets" "tcp" "terraform" "through" "tls-only" "under" "until" "values" "versioned"
    "via" "wears" "weekdays" "when" "with" "zones"))

((node name: (identifier) @tag)
  (#not-any-of? @tag
    "apply" "isolate" "limit" "never" "require" "test" "trust" "waive" "use" "in" "account" "authority" "baseline"
    "job" "kind" "network" "posture" "profile" "project" "provider" "site" "team" "watch" "capability" "param"
    "property" "segment" "balancer" "bucket" "database" "device" "external" "function" "key" "listener"
    "local-topic" "log-group" "parameter" "people" "queue" "rule" "secret" "stream" "table" "timeseries" "topic"
    "workload" "action" "acts" "administer" "administrator" "allow" "approval" "arn" "as" "at" "attribute"
    "attributes" "backups" "because" "below-floor" "besides" "both-zones" "can" "cannot" "cell" "claim"
    "condition" "connects" "consent" "containers" "credentials" "data-class" "data-classes" "default" "differ"
    "doc" "does" "encrypted" "endpoint" "endpoints" "enroll" "environments" "errors" "except" "existing" "expires"
    "exposure" "external-id" "fifo" "firmware" "fleet" "floor" "gigabytes" "global-name" "group" "hardware"
    "health" "held-by" "helper" "hidden-for" "holds-data" "http" "identifiers" "identity" "judged-by" "leaves-by"
    "listens" "major" "mfa" "mfa-age" "object-lock" "objects" "oidc" "on" "only" "open-to" "others" "owner"
    "partition-key" "patch" "path" "physical" "policy" "quota" "reach" "reaches" "reason" "recent" "renamed-from"
    "restrict" "retain" "role" "root" "run-as" "runs" "same" "saml" "session" "sessions" "size" "sort" "sort-key"
    "source" "speaks" "ssh" "state" "steward" "tag" "targets" "tcp" "terraform" "through" "tls-only" "under"
    "until" "values" "versioned" "via" "wears" "weekdays" "when" "with" "zones"))

; The name that a declaration gives.
((_) @_word
  .
  (node_field argument: (value value: (string) @type.definition))
  (#any-of? @_word
    "account" "authority" "baseline" "job" "kind" "network" "posture" "profile" "project" "provider" "site" "team"
    "watch" "capability" "param" "property" "segment" "balancer" "bucket" "database" "device" "external"
    "function" "key" "listener" "local-topic" "log-group" "parameter" "people" "queue" "rule" "secret" "stream"
    "table" "timeseries" "topic" "workload")
  (#not-any-of? @type.definition "aws" "ci" "ec2" "ecs" "eks" "internet" "iot-ota" "lambda" "onprem")
  (#match? @type.definition "^[A-Za-z0-9_-]+$"))

; What a trust allows, and what a test asks.
((_) @_word
  .
  (node_field argument: (value value: (string) @function.method.call))+
  (#any-of? @_word "allow" "can" "cannot" "does")
  (#any-of? @function.method.call
    "activate" "batch-write" "connect" "decrypt" "delete" "deploy" "encrypt" "encrypt-directly" "enroll" "erase"
    "fan-out" "findings" "forward" "invoke" "list" "publish" "purge" "read" "read-versions" "receive" "register"
    "rotate" "send" "session" "subscribe" "upload" "write"))

; Arguments that are not names.
((value value: (string) @keyword.operator)
  (#any-of? @keyword.operator "->" "~>"))

((value value: (string) @constant.builtin)
  (#match? @constant.builtin "^(account|data-class|kind|level|network|owner|segment|site|tag):[A-Za-z0-9_-]+$"))

((value value: (string) @constant.builtin)
  (#eq? @constant.builtin "*"))

((value value: (string) @function.builtin)
  (#match? @function.builtin "^[a-z0-9-]+:[A-Z][A-Za-z0-9]*$"))

((value value: (string) @variable.parameter)
  (#match? @variable.parameter "^[$][A-Za-z0-9_-]+$"))

((value value: (string) @constant.builtin)
  (#any-of? @constant.builtin "aws" "ci" "ec2" "ecs" "eks" "internet" "iot-ota" "lambda" "onprem"))

((value value: (string) @string)
  (#match? @string "^[\"#]"))

(escape) @string.escape

(escaped_whitespace) @string.escape

; Properties.
(prop key: (identifier) @attribute)

"=" @operator

(number) @number

(boolean) @boolean

["null" "#null"] @constant.builtin

["{" "}"] @punctuation.bracket

";" @punctuation.delimiter

; Comments, and what `/-` takes out.
[
  (single_line_comment)
  (multi_line_comment)
  (node_comment)
  (node_field_comment)
  (node_children_comment)
] @comment
