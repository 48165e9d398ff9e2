"""One module per family of formats; each gives the same thing, a :class:`~assets.landing.readers.part.Part`."""
