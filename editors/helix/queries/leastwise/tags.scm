; What is declared, for the picker of symbols.
; Made by editors/make from the resolver and the standard library: edit those.
; They run on the grammar tree-sitter-kdl 2.0.0 (MIT).

((node
  .
  (_) @_word
  .
  (_ (value (string) @name))) @definition.type
  (#any-of? @_word
    "account" "authority" "baseline" "job" "kind" "network" "posture" "profile" "project" "provider" "site" "team"
    "watch" "capability" "param" "property" "segment" "balancer" "bucket" "database" "device" "external"
    "function" "key" "listener" "local-topic" "log-group" "parameter" "people" "queue" "rule" "secret" "stream"
    "table" "timeseries" "topic" "workload"))
