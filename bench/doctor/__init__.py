"""Whether timings of this machine can be published: looks, measures, judges."""
