"""What is written down of a rule is what the rule says, and only where its answer lasts."""

from curation.lasting import KNOWN, known_rules, lasting, names_of, with_known
from curation.pool import gather
from curation.stages.exact_dedup import ExactDedup
from curation.stages.gopher_quality import GopherQuality
from curation.stages.votes import MinVotes


def test_the_bits_say_what_the_rules_say(pools) -> None:
    rows = [pools.document(n, "the cats with the dogs " * n, votes=n or None) for n in range(5)]
    engine, recipe = pools.engine(rows), pools.recipe(GopherQuality(min_words=11), MinVotes(3))
    pool = gather(engine, recipe)
    known = known_rules(recipe, pool)

    noted = engine.run(with_known(pool, recipe, known)).to_pylist()
    verdicts = pools.verdicts(engine, recipe)

    assert len(known) == 11
    for row in noted:
        assert row[KNOWN] == verdicts[row["doc_id"]]["failed_rules"]
    assert len({row[KNOWN] for row in noted}) > 2


def test_another_threshold_makes_one_rule_another_one(pools) -> None:
    pool = gather(pools.engine([pools.document(1, "a cat")]), pools.recipe(GopherQuality()))

    one, other = (
        names_of(lasting(stage, pool)) for stage in (GopherQuality(), GopherQuality(min_words=9))
    )

    assert {rule for rule in one if one[rule] != other[rule]} == {"gopher_too_few_words"}
    assert len(set(one.values())) == 10


def test_a_rule_that_looks_at_others_is_not_written_down(pools) -> None:
    pool = gather(pools.engine([pools.document(1, "a cat")]), pools.recipe(ExactDedup()))

    assert lasting(ExactDedup(), pool) == {}
