"""Misbehaviours of the provider, switched on by name: what a client's author meets in the wild, on purpose and one at a time.

Here: the faults, a module for each subject. Not here: the rules that notice them (`rules`), which know nothing of faults.
"""
