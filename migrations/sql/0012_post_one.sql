-- Post one plain transfer, or nothing: true when it was posted. As `ledger.post_plain`, for the
-- commonest batch of all; what cannot simply be posted is for `ledger.post_batch` to decide.
CREATE FUNCTION ledger.post_one(
    bank uuid, at timestamptz, asset text, scale smallint, transfer uuid, debit uuid, credit uuid,
    amount bigint, code_name text, about_id text, day date
) RETURNS boolean
LANGUAGE plpgsql
AS $body$
DECLARE
    most CONSTANT bigint := 9223372036854775807;
BEGIN
    -- The sides in id order, which is the order of locks.
    WITH moved AS (
        UPDATE ledger.accounts AS a
        SET debits_posted = a.debits_posted + u.dr, credits_posted = a.credits_posted + u.cr,
            posting_count = a.posting_count + 1, last_transfer_id = transfer,
            last_before_batch_id = a.last_transfer_id
        FROM (SELECT * FROM (VALUES (debit, amount, 0::bigint), (credit, 0::bigint, amount))
                  AS v (id, dr, cr) ORDER BY id) AS u
        WHERE a.bank_id = bank AND a.account_id = u.id AND a.status = 0
          -- In a form that no index serves: the look-up must be the primary key's, also before
          -- there are statistics.
          AND (a.asset_code, a.asset_scale) IS NOT DISTINCT FROM (asset, scale)
          AND a.debits_posted <= most - u.dr - a.debits_held
          AND a.credits_posted <= most - u.cr - a.credits_held
          AND (u.dr = 0 OR a.outflow_per_day_max IS NULL AND a.outflow_per_year_max IS NULL
               AND NOT a.is_marked
               AND coalesce(a.credits_posted - a.debits_posted - a.debits_held - u.dr
                   >= CASE WHEN a.is_debit_normal THEN -a.balance_max ELSE a.balance_min END, true))
          AND (u.cr = 0
               OR coalesce(a.credits_posted - a.debits_posted + a.credits_held + u.cr
                   <= CASE WHEN a.is_debit_normal THEN -a.balance_min ELSE a.balance_max END, true))
        RETURNING u.cr > 0 AS is_credit, a.credits_posted - a.debits_posted AS balance,
            a.posting_count AS number, a.last_before_batch_id AS before
    ), noted AS (
        INSERT INTO ledger.unsealed (bank_id, first_id, transfer_ids)
        VALUES (bank, transfer, ARRAY[transfer])
    )
    INSERT INTO ledger.transfers (
        bank_id, transfer_id, debit_id, credit_id, units, code, about, effective_on, recorded_at,
        debit_number, credit_number, debit_after, credit_after, debit_previous_id,
        credit_previous_id)
    SELECT bank, transfer, debit, credit, amount, code_name, about_id, day, at, d.number, c.number,
           d.balance, c.balance, d.before, c.before
    FROM moved AS d, moved AS c WHERE NOT d.is_credit AND c.is_credit;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'it cannot be posted' USING ERRCODE = 'LG001';
    END IF;
    -- A later statement than the update, so that it sees what the locks' last holders did.
    PERFORM FROM ledger.refusals AS r WHERE r.bank_id = bank AND r.id = transfer;
    IF FOUND THEN
        RAISE EXCEPTION 'it was refused' USING ERRCODE = 'LG001';
    END IF;
    RETURN true;
EXCEPTION WHEN SQLSTATE 'LG001' OR unique_violation OR numeric_value_out_of_range THEN
    RETURN false;
END
$body$
