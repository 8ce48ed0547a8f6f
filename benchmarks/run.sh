#!/bin/sh
# What a request costs, beside what cannot be avoided; writes benchmarks/RESULTS.md. Arguments are those of "compare" (--help says them).
set -eu
cd "$(dirname "$0")/.."
exec dotnet run -c Release --project benchmarks/AuthPlatform.Benchmarks -- compare --report benchmarks/RESULTS.md "$@"
