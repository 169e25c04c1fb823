-- Post a whole batch of plain transfers, or nothing: true when every one of them was posted.
--
-- Plain: no links, holds or reversals. The caller has worked out, per account, what the batch does
-- to it whatever it holds now: its sums, its number of postings, the lowest point after a debit and
-- the highest after a credit, relative to the balance before. So the limits can be held against
-- one row per account, exactly as if the items were decided one after another; what each posting
-- leaves behind follows from the final balance and number. Anything else than "all posted" (a
-- refusal, a known id, an account that pays with counters or marks, is not open or unknown) changes
-- nothing and is for `ledger.post_batch` to decide item by item.
--
-- `accounts` is distinct and in id order, which is the order of locks; the arrays beside it have its
-- length, those from `ids` on one item each. Places count from 1. `d_behind` and `c_behind` say by
-- how much a posting's balance is away from the account's final one, `d_left` and `c_left` how many
-- of the account's postings in the batch come after it, `d_previous` and `c_previous` the place of
-- the item with the posting before it, 0 where that is older than the batch.
CREATE OR REPLACE FUNCTION ledger.post_plain(
    bank uuid, at timestamptz, asset text, scale smallint, code_names text[],
    day_names date[], accounts uuid[], debits bigint[], credits bigint[],
    counts int[], lows bigint[], highs bigint[], lasts int[], ids uuid[], d_ix int[], c_ix int[],
    amounts bigint[], code_ix smallint[], day_ix smallint[], abouts text[], d_behind bigint[],
    c_behind bigint[], d_left int[], c_left int[], d_previous int[], c_previous int[],
    first_id uuid, last_id uuid
) RETURNS boolean
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
-- One hash of the batch beside one pass over the index, and large enough to stay in one piece.
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off
SET enable_mergejoin = off SET work_mem = '32MB'
AS $body$
DECLARE
    most CONSTANT bigint := 9223372036854775807;
    balances bigint[];
    numbers bigint[];
    befores uuid[];
BEGIN
    -- One batch of a bank at a time: two that touch the same accounts would wait for each other
    -- anyway, and whoever waits in the middle looks every row up again. It only saves time, the
    -- rows' own locks keep it right; who holds rows already does not wait here.
    IF pg_current_xact_id_if_assigned() IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(bank::text, 12));
    END IF;
    WITH moved AS (
        UPDATE ledger.accounts AS a
        SET debits_posted = a.debits_posted + u.dr, credits_posted = a.credits_posted + u.cr,
            posting_count = a.posting_count + u.n, last_transfer_id = ids[u.last],
            last_before_batch_id = a.last_transfer_id
        FROM unnest(accounts, debits, credits, counts, lows, highs, lasts) WITH ORDINALITY
            AS u (id, dr, cr, n, low, high, last, place)
        -- The key is asked for all ids at once, which reads each page of the index once, in id order;
        -- the asset in a form that no index serves, so that nothing else can be asked, also before
        -- there are statistics.
        WHERE a.bank_id = bank AND a.account_id = ANY (accounts) AND a.account_id = u.id
          AND a.status = 0
          AND (a.asset_code, a.asset_scale) IS NOT DISTINCT FROM (asset, scale)
          AND a.debits_posted <= most - u.dr - a.debits_held
          AND a.credits_posted <= most - u.cr - a.credits_held
          AND (u.dr = 0 OR a.outflow_per_day_max IS NULL AND a.outflow_per_year_max IS NULL
               AND NOT a.is_marked
               AND coalesce(a.credits_posted - a.debits_posted - a.debits_held + u.low
                   >= CASE WHEN a.is_debit_normal THEN -a.balance_max ELSE a.balance_min END, true))
          AND (u.cr = 0
               OR coalesce(a.credits_posted - a.debits_posted + a.credits_held + u.high
                   <= CASE WHEN a.is_debit_normal THEN -a.balance_min ELSE a.balance_max END, true))
        RETURNING u.place, a.credits_posted - a.debits_posted AS balance, a.posting_count AS number,
            coalesce(a.last_before_batch_id, bank) AS before
    )
    SELECT array_agg(balance ORDER BY place), array_agg(number ORDER BY place),
           array_agg(before ORDER BY place)
    INTO balances, numbers, befores FROM moved;
    -- Later statements than the update, so that they see what the locks' last holders did.
    IF coalesce(cardinality(balances), 0) < cardinality(accounts)
        OR (EXISTS (SELECT FROM ledger.refusals AS r
                    WHERE r.bank_id = bank AND r.id BETWEEN first_id AND last_id)
            AND EXISTS (SELECT FROM ledger.refusals AS r
                        WHERE r.bank_id = bank AND r.id = ANY (ids)))
    THEN
        RAISE EXCEPTION 'not all can be posted' USING ERRCODE = 'LG001';
    END IF;
    INSERT INTO ledger.transfers (
        bank_id, transfer_id, debit_id, credit_id, units, code, about, effective_on, recorded_at,
        debit_number, credit_number, debit_after, credit_after, debit_previous_id,
        credit_previous_id)
    SELECT bank, t.id, accounts[t.d], accounts[t.c], t.units, code_names[t.code], t.about,
           day_names[t.day], at, numbers[t.d] - t.d_left, numbers[t.c] - t.c_left,
           balances[t.d] + t.d_behind, balances[t.c] + t.c_behind,
           CASE WHEN t.d_previous > 0 THEN ids[t.d_previous] ELSE nullif(befores[t.d], bank) END,
           CASE WHEN t.c_previous > 0 THEN ids[t.c_previous] ELSE nullif(befores[t.c], bank) END
    -- Sets in the select list, so that no row is stored on its way.
    FROM (SELECT unnest(ids) AS id, unnest(d_ix) AS d, unnest(c_ix) AS c,
                 unnest(amounts) AS units, unnest(code_ix) AS code, unnest(day_ix) AS day,
                 unnest(abouts) AS about, unnest(d_behind) AS d_behind,
                 unnest(c_behind) AS c_behind, unnest(d_left) AS d_left, unnest(c_left) AS c_left,
                 unnest(d_previous) AS d_previous, unnest(c_previous) AS c_previous) AS t;
    INSERT INTO ledger.unsealed (bank_id, first_id, transfer_ids) VALUES (bank, ids[1], ids);
    RETURN true;
EXCEPTION WHEN SQLSTATE 'LG001' OR unique_violation OR numeric_value_out_of_range THEN
    RETURN false;
END
$body$
