"""Labels by a linear machine over n-grams and sentence vectors, with a door for what fits none.

Alone, a linear support vector machine over tf-idf n-grams. With a sentence encoder, the same
machine reads the centred vectors of the encoder's last two layers beside the n-grams, and what it
says is blended with a vote of the learned rows, each weighted by its nearness (a kernel estimate):
the machine draws the borders, the vote knows the odd examples. Where examples are few, borders
cannot be drawn over so many numbers: there the n-grams' machine is blended with a logistic
regression and a radial machine over the vectors, to which each label's own name is shown as well.
The settings were chosen by cross-validation on published training rows alone. Where the training
file has rows of the class `oos`, the score below which a text belongs to no intent is chosen on
held-out training rows, where the share of right answers in scope counts twice that of refusals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
_LAYERS = 2  # of the encoder, counted from the last
_VECTOR_WEIGHT = 2.0  # of the vectors beside the n-grams, in the linear machine
_VOTE_WIDTH = 0.05  # of cosine, by which a learned row's say falls to 1/e
_VOTE_WEIGHT = 1.0
_VOTE_FLOOR = 1e-4  # no vote is a veto
_LOGISTIC_C = 20.0
_RADIAL_C, _RADIAL_GAMMA = 10.0, 1.5
_FEW_WEIGHTS = {"logistic": 2.0, "radial": 0.5, "ngrams": 0.5}
_NAME_COPIES = 2  # of each label's own name among the rows, where examples are few
_FEW_PER_LABEL = 25
_BLOCK = 500  # rows compared with all learned ones at a time
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
            self._known.update(zip(fresh, self._encoder.embed(fresh, layers=_LAYERS), strict=True))
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of the learned rows, centred on `middle`, and the place of each row's label."""

    encoder: _Remembering
    middle: Any
    rows: Any
    places: Any
    few: tuple[Any, Any] | None = None  # logistic and radial machines, where examples are few


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
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union
    from sklearn.svm import LinearSVC

    texts, labels = [text for text, _ in known], np.array([label for _, label in known])
    every = np.unique(labels)
    rare = 1 if len(texts) < _FEW_PER_LABEL * len(every) else 2
    vectorizer = make_union(
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True,
            min_df=1 if encoder is None else rare,
        ),
        TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"),
    )  # fmt: skip
    if encoder is not None and rare == 1:
        # Few examples: a label's own name says what it means.
        texts = texts + [re.sub(r"[_?]+", " ", label) for label in every] * _NAME_COPIES
        labels = np.concatenate([labels, *[every] * _NAME_COPIES])
    vectorizer.fit(texts[: len(known)])
    rows = vectorizer.transform(texts)
    machine = LinearSVC(C=_C, random_state=_SEED)
    if encoder is None or len(every) < 2:
        machine.fit(rows, labels)
        return Classifier(vectorizer, machine, rows, floor)
    raw = encoder.embed(texts)
    middle = raw[: len(known)].mean(axis=0)
    vectors = Vectors(encoder, middle, _centred(raw, middle), np.searchsorted(every, labels))
    if rare == 1 and len(every) > 2:  # the radial machine gives one column a label from three on
        machine.fit(rows[: len(known)], labels[: len(known)])
        return Classifier(vectorizer, machine, rows, floor, _few(vectors, labels))
    machine.fit(hstack([rows, csr_matrix(vectors.rows * _VECTOR_WEIGHT)]).tocsr(), labels)
    return Classifier(vectorizer, machine, rows, floor, vectors)


def _few(vectors: Vectors, labels: Any) -> Vectors:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    logistic = LogisticRegression(C=_LOGISTIC_C, max_iter=200).fit(vectors.rows, labels)
    radial = SVC(C=_RADIAL_C, gamma=_RADIAL_GAMMA).fit(vectors.rows, labels)
    return replace(vectors, few=(logistic, radial))


def _centred(rows: Any, middle: Any) -> Any:
    """Take away what all sentences share; cosines of such vectors spread over their range."""
    import numpy as np

    moved = rows - middle
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), _TINY)


def _scored(classifier: Classifier, texts: Sequence[str]) -> tuple[list[str], Any]:
    """Score = best margin, and the nearness of the nearest training row, by n-grams and vectors."""
    import numpy as np
    from scipy.sparse import csr_matrix, hstack

    rows, vectors = classifier.vectorizer.transform(texts), classifier.vectors
    nearness = _nearness(rows, classifier.rows)
    if vectors is not None:
        near = _centred(vectors.encoder.embed(texts), vectors.middle)
    if vectors is not None and vectors.few is None:
        rows = hstack([rows, csr_matrix(near * _VECTOR_WEIGHT)]).tocsr()
    margins = classifier.machine.decision_function(rows)
    if margins.ndim == 1:  # two classes: one column
        margins = np.stack([-margins, margins], axis=1)
    score = margins.max(axis=1) + _SIMILARITY_WEIGHT * nearness
    if vectors is not None:
        votes, nearest = _votes(vectors, near, margins.shape[1])
        score = score + votes.max(axis=1) + nearest
        margins = np.log(_softmax(_MARGIN_SHARPNESS * margins) + _TINY)
        if vectors.few is None:
            margins = margins + _VOTE_WEIGHT * np.log(votes + _VOTE_FLOOR)
        else:
            margins = _FEW_WEIGHTS["ngrams"] * margins + _said_of_few(vectors.few, near)
    labels = [str(classifier.machine.classes_[place]) for place in margins.argmax(axis=1)]
    return labels, score


def _said_of_few(few: tuple[Any, Any], near: Any) -> Any:
    import numpy as np

    logistic, radial = few
    said = _FEW_WEIGHTS["logistic"] * np.log(logistic.predict_proba(near) + _TINY)
    return said + _FEW_WEIGHTS["radial"] * np.log(_softmax(radial.decision_function(near)) + _TINY)


def _votes(vectors: Vectors, near: Any, size: int) -> tuple[Any, Any]:
    """Return each label's share of the learned rows' votes, and the cosine of the nearest row."""
    import numpy as np

    members = np.zeros((len(vectors.rows), size), np.float32)
    members[np.arange(len(vectors.rows)), vectors.places] = 1.0
    votes, nearest = [], []
    for at in range(0, len(near), _BLOCK):
        cosines = near[at : at + _BLOCK] @ vectors.rows.T
        best = cosines.max(axis=1, keepdims=True)
        weights = np.exp((cosines - best) / _VOTE_WIDTH) @ members
        votes.append(weights / weights.sum(axis=1, keepdims=True))
        nearest.append(best[:, 0])
    return np.concatenate(votes), np.concatenate(nearest)


def _nearness(rows: Any, learned: Any) -> Any:
    """Return the mean cosine of each row to its nearest learned row, over both kinds of n-gram."""
    import numpy as np

    # Two unit-length blocks: half their inner product is a mean cosine.
    return np.concatenate([
        (rows[at : at + _BLOCK] @ learned.T).max(axis=1).toarray().ravel() / 2.0
        for at in range(0, rows.shape[0], _BLOCK)
    ])  # fmt: skip


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
