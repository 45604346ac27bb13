"""
One vocabulary for what tests need, one word a thing: `make_x` writes an x and returns it.

A *user* is somebody who signs in, an *employee* somebody a policy pays, a *company* the firm. A *draft* goes through
the operations to become a *published* version, which matching then decides. A *version* is in force without these
operations and without rules; it serves tests of payouts, which read neither.
"""
