"""Labels by linear models over n-grams and over sentence vectors, with a door for what fits none.

Alone, a linear support vector machine over tf-idf n-grams. With a sentence encoder, its margins are
blended with a logistic regression and a radial support vector machine over the centred vectors, as
a weighted sum of log probabilities; a text of whose label the n-grams are sure is not encoded. The
settings were chosen on published training rows alone. Where the training file has rows of the class
`oos`, the score below which a text belongs to no intent is chosen on held-out training rows, where
the share of right answers in scope counts twice that of refusals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jiuding.channels.assistant.rules.encoder import SentenceEncoder

OUT_OF_SCOPE = "oos"
_C = 0.5
_HELD_OUT = 0.15
_SEED = 20_261_123
_ROWS_TO_HOLD_OUT_MIN = 200
_SIMILARITY_WEIGHT = 1.0
_WORTH_IN_SCOPE = 2.0  # a right answer in scope, against one right refusal
_MARGIN_SHARPNESS = 5.0  # turns margins into probabilities that can be blended
_LOGISTIC_C = 20.0
_RADIAL_C, _RADIAL_GAMMA = 10.0, 1.5
_WEIGHTS = {"logistic": 2.0, "radial": 0.5, "ngrams": 0.5}
_NAME_COPIES = 2  # of each label's own name among the rows, where examples are few
_FEW_PER_LABEL = 25
_SURE_GAP = 0.97  # between the two best labels of the n-grams: then no vector is needed
_TINY = 1e-9


class _Remembering:
    """An encoder that encodes each text once, for the trial fit and the last one share rows."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Any] = {}

    def embed(self, texts: Sequence[str]) -> Any:
        """Return the vectors of texts, from memory where they were encoded before."""
        import numpy as np

        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            self._known.update(zip(fresh, self._encoder.embed(fresh), strict=True))
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True, slots=True)
class Vectors:
    """What was learned over sentence vectors, centred on `middle`; `rows` are the learned ones."""

    encoder: _Remembering
    middle: Any
    logistic: Any
    radial: Any
    rows: Any


@dataclass(frozen=True, slots=True)
class Classifier:
    """A fitted benchmark classifier; `floor` is the least score in scope, None without oos."""

    vectorizer: Any
    machine: Any
    rows: Any
    floor: float | None
    vectors: Vectors | None = None


def learn(rows: Sequence[tuple[str, str]], *, encoder: SentenceEncoder | None = None) -> Classifier:
    """Fit on (text, label) rows."""
    known = [(text, label) for text, label in rows if label and label != OUT_OF_SCOPE]
    strange = [text for text, label in rows if label == OUT_OF_SCOPE]
    floor = None
    kept = None if encoder is None else _Remembering(encoder)
    if strange and len(known) >= _ROWS_TO_HOLD_OUT_MIN:
        floor = _floor(known, strange, kept)
    return _fit(known, floor, kept)


def predict(classifier: Classifier, texts: Sequence[str]) -> list[str]:
    """Return a label for each text, in order."""
    if not texts:
        return []
    labels, scores = _scored(classifier, texts)
    if classifier.floor is None:
        return labels
    return [
        label if score >= classifier.floor else OUT_OF_SCOPE
        for label, score in zip(labels, scores, strict=True)
    ]


def scope_scores(classifier: Classifier, texts: Sequence[str]) -> list[float]:
    """Return how much each text belongs to some intent; higher is more."""
    return [float(score) for score in _scored(classifier, texts)[1]]


def scored_labels(classifier: Classifier, texts: Sequence[str]) -> list[str]:
    """Return the best label for each text, none turned away."""
    return _scored(classifier, texts)[0] if texts else []


def _fit(
    known: Sequence[tuple[str, str]], floor: float | None, encoder: _Remembering | None
) -> Classifier:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union
    from sklearn.svm import LinearSVC

    vectorizer = make_union(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"),
    )
    rows = vectorizer.fit_transform([text for text, _ in known])
    machine = LinearSVC(C=_C, random_state=_SEED)
    machine.fit(rows, [label for _, label in known])
    vectors = None if encoder is None else _fit_vectors(known, encoder)
    return Classifier(vectorizer, machine, rows, floor, vectors)


def _fit_vectors(known: Sequence[tuple[str, str]], encoder: _Remembering) -> Vectors | None:
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    labels = np.array([label for _, label in known])
    every = np.unique(labels)
    if len(every) < 3:  # the machines below give one column a label from three on
        return None
    raw = encoder.embed([text for text, _ in known])
    middle = raw.mean(axis=0)
    rows = _centred(raw, middle)
    fitted, fitted_labels = rows, labels
    if len(known) < _FEW_PER_LABEL * len(every):
        names = _centred(encoder.embed([re.sub(r"[_?]+", " ", label) for label in every]), middle)
        fitted = np.concatenate([rows, *[names] * _NAME_COPIES])
        fitted_labels = np.concatenate([labels, *[every] * _NAME_COPIES])
    logistic = LogisticRegression(C=_LOGISTIC_C, max_iter=200).fit(fitted, fitted_labels)
    radial = SVC(C=_RADIAL_C, gamma=_RADIAL_GAMMA).fit(fitted, fitted_labels)
    return Vectors(encoder, middle, logistic, radial, rows)


def _centred(rows: Any, middle: Any) -> Any:
    """Take away what all sentences share; cosines of such vectors spread over their range."""
    import numpy as np

    moved = rows - middle
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), _TINY)


def _scored(classifier: Classifier, texts: Sequence[str]) -> tuple[list[str], Any]:
    """Score = best margin, and where scope matters the nearness of the nearest training row."""
    import numpy as np

    rows = classifier.vectorizer.transform(texts)
    margins = classifier.machine.decision_function(rows)
    if margins.ndim == 1:  # two classes: one column
        margins = np.stack([-margins, margins], axis=1)
    best = margins.max(axis=1)
    score = best + _SIMILARITY_WEIGHT * _nearness(rows, classifier.rows)
    if classifier.vectors is not None:
        margins, inside = _blended(classifier, margins, texts)
        score = score + inside
    labels = [str(classifier.machine.classes_[place]) for place in margins.argmax(axis=1)]
    return labels, score


def _nearness(rows: Any, learned: Any) -> Any:
    """Return the mean cosine of each row to its nearest learned row, over both kinds of n-gram."""
    import numpy as np

    step = 500  # two unit-length blocks: half their inner product is a mean cosine
    return np.concatenate([
        (rows[at : at + step] @ learned.T).max(axis=1).toarray().ravel() / 2.0
        for at in range(0, rows.shape[0], step)
    ])  # fmt: skip


def _blended(classifier: Classifier, margins: Any, texts: Sequence[str]) -> tuple[Any, Any]:
    """Return log scores with the vectors' say in them, and how far inside each text lies."""
    import numpy as np

    vectors = classifier.vectors
    assert vectors is not None
    chances = _softmax(_MARGIN_SHARPNESS * margins)
    log = _WEIGHTS["ngrams"] * np.log(chances + _TINY)
    top = np.sort(chances, axis=1)
    unsure = np.arange(len(texts))
    if classifier.floor is None:
        unsure = np.flatnonzero(top[:, -1] - top[:, -2] < _SURE_GAP)
    inside = np.zeros(len(texts))
    if len(unsure):
        raw = vectors.encoder.embed([texts[place] for place in unsure])
        rows = _centred(raw, vectors.middle)
        logistic = vectors.logistic.predict_proba(rows)
        log[unsure] += _WEIGHTS["logistic"] * np.log(logistic + _TINY)
        radial = _softmax(vectors.radial.decision_function(rows))
        log[unsure] += _WEIGHTS["radial"] * np.log(radial + _TINY)
        nearest = np.concatenate([
            (rows[at : at + 500] @ vectors.rows.T).max(axis=1) for at in range(0, len(rows), 500)
        ])  # fmt: skip
        inside[unsure] = logistic.max(axis=1) + nearest
    return log, inside


def _softmax(scores: Any) -> Any:
    import numpy as np

    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _floor(
    known: Sequence[tuple[str, str]], strange: Sequence[str], encoder: _Remembering | None
) -> float:
    """Choose the floor on rows that a classifier of the others has not seen."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    labels = [label for _, label in known]
    few = min(labels.count(label) for label in set(labels)) < 2
    fit, held = train_test_split(
        list(known), test_size=_HELD_OUT, random_state=_SEED, stratify=None if few else labels
    )
    trial = _fit(fit, 0.0, encoder)
    said, inside = _scored(trial, [text for text, _ in held])
    right = np.array([a == b for a, (_, b) in zip(said, held, strict=True)])
    _, outside = _scored(trial, list(strange))
    floors = np.unique(np.concatenate([inside, outside]))
    worth = [
        _WORTH_IN_SCOPE * (right & (inside >= floor)).mean() + (outside < floor).mean()
        for floor in floors
    ]
    return float(floors[int(np.argmax(worth))])
