; Which word declares a name, and which names it.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

(document) @local.scope

((_) @_word
  .
  (node_field argument: (value value: (string) @local.definition.type))
  (#any-of? @_word
    "account" "authority" "baseline" "job" "kind" "network" "posture" "profile" "project" "provider" "site" "team"
    "watch" "capability" "param" "property" "segment" "balancer" "bucket" "database" "device" "external"
    "function" "key" "listener" "local-topic" "log-group" "parameter" "people" "queue" "rule" "secret" "stream"
    "table" "timeseries" "topic" "workload"))

(value value: (string) @local.reference)
