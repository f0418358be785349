"""Networks in torch, without RDKit: encoders, posteriors, decoders, heads and the models made of them."""
