"""How the platform fetches rows itself: two people name a source, a worker pulls it on a schedule."""
