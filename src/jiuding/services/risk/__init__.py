"""Risk: models that judge card payments and loans, learned by command and served as plain data.

Its words: a *card payment* is a customer paying at a terminal; a *label* says, days later, whether
it was fraud; a *past* is what cards and terminals did before. A *scorecard model* is points by band
from weights of evidence; *trees* are boosted decision trees; both are `decisions.Model`s, pinned by
the hash of their file, and say which *group* of inputs moved a score, in whole sentences.

Always true: the features a model learns from and those it judges by come out of the same code, and
nothing of them is known before its label was heard; what a model may not lower or raise (monotone)
it does not; a group that must not count (sex, age, nationality) is not an input; figures in a
model's card were measured on cases that it did not learn from.

It does not decide (policies do, with the model's probability as one input), keeps nothing in the
database, and ships no data set: data are named, with origin and licence, in each model's card.
"""
