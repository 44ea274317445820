"""The flows that `oauthctl explain` draws, each made by its own code and carried through with the practice provider."""
