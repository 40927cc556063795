"""An exchange that speaks Coinbase Advanced Trade's WebSocket protocol, from a seed, with faults on demand.

`products` → `market` (books and trades) → `exchange` (its clock, who hears what) → `session` (one connection) →
`server`. `ledger` writes down what is true, whatever any recorder makes of it; `truth` reads it.

Protocol: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-overview and, beside it,
`websocket-channels` and `websocket-rate-limits`.
"""
