"""JOSE: tokens, keys and signatures. The only package that imports PyJWT and cryptography."""
