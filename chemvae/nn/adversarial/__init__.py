"""Games between networks: a discriminator tells real tuples from fake ones, players try to make them alike."""
