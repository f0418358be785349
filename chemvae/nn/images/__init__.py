"""Networks and likelihoods for images: a row of pixels in, numbers between 0 and 1."""
