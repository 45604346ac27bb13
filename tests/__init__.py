"""
The tests, by kind; within a kind they lie like the product's slices.

- `unit`: pure functions, without a database.
- `spec`: the rule language as tables, each row answered by both engines; the public test kit (TCK) is the third judge.
- `integration`: operations, queries and the promises of the database, by transactions that are rolled back.
- `functional`: pages, addresses and the API through Django's client, for every role.
- `browser`: a real Chromium before a running portal.
- `concurrency`: real connections that start at the same moment; whoever loses a race is refused with a sentence.
- `generative`: properties that Hypothesis examines; `profiles.py` says which examples it tries.
- `golden`: published policies and bank files, with the answers and bytes that are known to be right.
- `faults`: processes that are killed, connections that are cut and a bank that lies, while money is paid.
- `architecture`: sizes, names and templates of the project's own files.
- `benchmarks`, `sizes`: not tests; `make bench` and `make sizes` run them.
- `factories`: the one vocabulary by which tests make things.

`make test` runs what is not marked `slow`, the same way each time; `make test-slow` runs the rest, and searches for new
examples of every property. `migrated.py` keeps a database that each worker copies; `restoring.py` puts it back after
a test with real transactions. A property that fails, a race or a page that breaks becomes a test before it is mended.
"""
