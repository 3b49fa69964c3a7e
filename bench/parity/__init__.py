"""How much of Keras its twin covers: each public name set beside the name of the same module, and the two compared.

Where to look: ``names`` for what is public, ``draws`` for the arguments, ``probes`` for how each kind of thing is
compared, ``reasons`` for what is missing and why, ``cover`` for the verdicts.
"""
