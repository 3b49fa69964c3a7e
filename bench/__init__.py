"""The harness: twins proven equal, then timed."""
