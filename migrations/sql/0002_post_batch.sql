-- Post one batch and return one result code per item, as jiuding.kernel.ledger.types.Refusal
-- numbers them: 0 posted, 1 exists with the same content, the rest refusals.
--
-- Arrays have equal length, one item each; `account_ids` and `hold_ids` are distinct and in id order,
-- and items point into them from 1. `assets` are written CODE/SCALE. `repeats` says which earlier
-- item of the batch has the same id: its place, negative for other content, 0 for none. The arrays from `verbs` on are null
-- when the batch holds plain transfers only (verbs: 0 transfer, 1 hold, 2 capture, 3 void,
-- 4 expire). `out_days` is the day on which an item counts towards its debit account's outflow.
--
-- Plans must stay index look-ups from the batch into the tables, also when they were made while
-- the tables were still empty: hence the settings.
CREATE FUNCTION ledger.post_batch(
    bank uuid, at timestamptz, ids uuid[], account_ids uuid[], d_ix int[], c_ix int[],
    amounts bigint[], assets text[], asset_ix smallint[], codes text[], abouts text[],
    days date[], links boolean[], repeats int[], verbs smallint[], hold_ids uuid[], h_ix int[],
    expiries timestamptz[], finals boolean[], out_days date[], reverses uuid[]
) RETURNS smallint[]
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $body$
DECLARE
    most CONSTANT bigint := 9223372036854775807;
    size int := cardinality(ids);
    has_verbs boolean := verbs IS NOT NULL;
    has_reverses boolean := reverses IS NOT NULL;
    has_limits boolean;
    found_ids uuid[];
    a_asset int[]; a_status smallint[]; a_debit_normal boolean[];
    a_lo bigint[]; a_hi bigint[]; a_floor bigint[]; a_day_max bigint[]; a_year_max bigint[];
    a_dr bigint[]; a_cr bigint[]; a_drh bigint[]; a_crh bigint[]; a_count bigint[];
    a_last uuid[]; d_previous uuid[] := array_fill(NULL::uuid, ARRAY[size]);
    c_previous uuid[] := d_previous;
    h_state smallint[]; h_left bigint[]; h_taken bigint[]; h_expires timestamptz[];
    known smallint[]; reversal smallint[]; reversed uuid[] := '{}'; reversed_at_group int := 0;
    day_ix int[]; day_units bigint[]; day_accounts int[]; day_dates date[];
    year_ix int[]; year_units bigint[];
    result smallint[] := array_fill(0::smallint, ARRAY[size]);
    d_number bigint[] := array_fill(0::bigint, ARRAY[size]);
    c_number bigint[] := d_number; d_after bigint[] := d_number; c_after bigint[] := d_number;
    freed bigint[]; moved bigint[] := amounts;
    n int; j int; d int; c int; h int; o int; y int;
    verb smallint := 0; code smallint; amount bigint; held bigint; state smallint; back smallint;
    group_from int := 0; group_failed boolean := false; old_count int := 0; is_undone boolean;
    refused_count int := 0; held_count int := 0;
BEGIN
    IF has_verbs THEN
        freed := array_fill(0::bigint, ARRAY[size]);
    END IF;

    -- 1. Lock the accounts in id order; this returns their latest versions.
    SELECT array_agg(a.account_id), array_agg(array_position(assets, a.asset_code || '/' || a.asset_scale)),
           array_agg(a.status),
           array_agg(a.is_debit_normal), array_agg(a.lo), array_agg(a.hi),
           array_agg(a.balance_min), array_agg(a.outflow_per_day_max),
           array_agg(a.outflow_per_year_max), array_agg(a.debits_posted),
           array_agg(a.credits_posted), array_agg(a.debits_held), array_agg(a.credits_held),
           array_agg(a.posting_count), array_agg(a.last_transfer_id),
           coalesce(bool_or(a.outflow_per_day_max IS NOT NULL
                            OR a.outflow_per_year_max IS NOT NULL), false)
    INTO found_ids, a_asset, a_status, a_debit_normal, a_lo, a_hi, a_floor, a_day_max, a_year_max,
         a_dr, a_cr, a_drh, a_crh, a_count, a_last, has_limits
    FROM (
        -- In credits less debits, a debit account's limits change sign and place.
        SELECT *, CASE WHEN is_debit_normal THEN -balance_max ELSE balance_min END AS lo,
               CASE WHEN is_debit_normal THEN -balance_min ELSE balance_max END AS hi
        FROM ledger.accounts
        WHERE bank_id = bank AND account_id = ANY (account_ids)
        ORDER BY account_id
        FOR NO KEY UPDATE
    ) AS a;
    IF coalesce(cardinality(found_ids), 0) < cardinality(account_ids) THEN
        SELECT array_agg(f.asset ORDER BY w.i), array_agg(f.status ORDER BY w.i),
               array_agg(f.debit_normal ORDER BY w.i), array_agg(f.lo ORDER BY w.i),
               array_agg(f.hi ORDER BY w.i), array_agg(f.low ORDER BY w.i),
               array_agg(f.day_max ORDER BY w.i), array_agg(f.year_max ORDER BY w.i),
               array_agg(f.dr ORDER BY w.i), array_agg(f.cr ORDER BY w.i),
               array_agg(f.drh ORDER BY w.i), array_agg(f.crh ORDER BY w.i),
               array_agg(f.count ORDER BY w.i), array_agg(f.last ORDER BY w.i)
        INTO a_asset, a_status, a_debit_normal, a_lo, a_hi, a_floor, a_day_max, a_year_max,
             a_dr, a_cr, a_drh, a_crh, a_count, a_last
        FROM unnest(account_ids) WITH ORDINALITY AS w (id, i)
        LEFT JOIN unnest(found_ids, a_asset, a_status, a_debit_normal, a_lo, a_hi, a_floor,
                         a_day_max, a_year_max, a_dr, a_cr, a_drh, a_crh, a_count, a_last)
            AS f (id, asset, status, debit_normal, lo, hi, low, day_max, year_max, dr, cr, drh,
                  crh, count, last) ON f.id = w.id;
    END IF;

    -- 2. What these ids already stand for. Later statements than the lock, so that they see what
    --    its last holder did.
    IF EXISTS (SELECT FROM ledger.transfers WHERE bank_id = bank AND transfer_id = ANY (ids))
        OR EXISTS (SELECT FROM ledger.refusals AS r WHERE r.bank_id = bank AND r.id = ANY (ids))
    THEN
        SELECT array_agg(CASE
            WHEN x.transfer_id IS NOT NULL THEN CASE
                WHEN x.debit_id = account_ids[d_ix[t.n]] AND x.credit_id = account_ids[c_ix[t.n]]
                 AND x.units = coalesce(amounts[t.n], x.units) AND x.code = codes[t.n]
                 AND x.about IS NOT DISTINCT FROM abouts[t.n] AND x.effective_on = days[t.n]
                 AND x.hold_id IS NOT DISTINCT FROM hold_ids[h_ix[t.n]]
                 AND x.reverses_id IS NOT DISTINCT FROM reverses[t.n]
                 AND coalesce(asset_ix[t.n], a_asset[d_ix[t.n]]) = a_asset[d_ix[t.n]]
                THEN 1 ELSE 30 END
            WHEN r.id IS NOT NULL THEN CASE
                WHEN r.content = ledger.content_of(
                    account_ids[d_ix[t.n]], account_ids[c_ix[t.n]], amounts[t.n], codes[t.n],
                    abouts[t.n], days[t.n], coalesce(verbs[t.n], 0::smallint),
                    hold_ids[h_ix[t.n]], expiries[t.n], reverses[t.n], finals[t.n],
                    assets[asset_ix[t.n]])
                THEN r.outcome ELSE 30 END
            END::smallint ORDER BY t.n) INTO known
        FROM unnest(ids) WITH ORDINALITY AS t (id, n)
        LEFT JOIN ledger.transfers AS x ON x.bank_id = bank AND x.transfer_id = t.id
        LEFT JOIN ledger.refusals AS r ON r.bank_id = bank AND r.id = t.id;
    END IF;
    IF has_verbs THEN
        -- A void goes by its hold's id and has no outcome of its own.
        SELECT array_agg(CASE WHEN t.verb > 2 THEN NULL
                              WHEN t.verb <> 1 OR x.hold_id IS NULL THEN known[t.n]
                              WHEN x.debit_id = account_ids[d_ix[t.n]]
                               AND x.credit_id = account_ids[c_ix[t.n]] AND x.units = amounts[t.n]
                               AND x.code = codes[t.n] AND x.about IS NOT DISTINCT FROM abouts[t.n]
                               AND x.effective_on = days[t.n]
                               AND x.expires_at IS NOT DISTINCT FROM expiries[t.n]
                               AND asset_ix[t.n] = a_asset[d_ix[t.n]]
                              THEN 1 ELSE 30 END::smallint ORDER BY t.n) INTO known
        FROM unnest(ids, verbs) WITH ORDINALITY AS t (id, verb, n)
        LEFT JOIN ledger.holds AS x ON x.bank_id = bank AND x.hold_id = t.id;
        SELECT array_agg(x.status ORDER BY t.n), array_agg(x.units_left ORDER BY t.n),
               array_agg(x.units_captured ORDER BY t.n), array_agg(x.expires_at ORDER BY t.n)
        INTO h_state, h_left, h_taken, h_expires
        FROM unnest(hold_ids) WITH ORDINALITY AS t (id, n)
        LEFT JOIN ledger.holds AS x ON x.bank_id = bank AND x.hold_id = t.id;
    END IF;
    IF has_reverses THEN
        SELECT array_agg(CASE WHEN t.first IS NULL THEN NULL WHEN x.transfer_id IS NULL THEN 50
                              WHEN z.transfer_id IS NOT NULL THEN 51
                              WHEN x.debit_id <> account_ids[c_ix[t.n]]
                                OR x.credit_id <> account_ids[d_ix[t.n]] OR x.units <> amounts[t.n]
                              THEN 52 END::smallint ORDER BY t.n) INTO reversal
        FROM unnest(reverses) WITH ORDINALITY AS t (first, n)
        LEFT JOIN ledger.transfers AS x ON x.bank_id = bank AND x.transfer_id = t.first
        LEFT JOIN ledger.transfers AS z ON z.bank_id = bank AND z.reverses_id = t.first;
    END IF;
    IF has_limits THEN
        SELECT array_agg(s.day ORDER BY s.n), array_agg(s.year ORDER BY s.n) INTO day_ix, year_ix
        FROM (
            SELECT t.n,
                CASE WHEN t.day IS NOT NULL AND (a_day_max[t.d] IS NOT NULL
                                                 OR a_year_max[t.d] IS NOT NULL)
                     THEN dense_rank() OVER (ORDER BY t.d, t.day) END AS day,
                CASE WHEN t.day IS NOT NULL AND a_year_max[t.d] IS NOT NULL
                     THEN dense_rank() OVER (ORDER BY t.d, extract(year FROM t.day)) END AS year
            FROM unnest(d_ix, coalesce(out_days, days)) WITH ORDINALITY AS t (d, day, n)
        ) AS s;
        SELECT array_agg(s.units ORDER BY s.ix), array_agg(s.d ORDER BY s.ix),
               array_agg(s.day ORDER BY s.ix)
        INTO day_units, day_accounts, day_dates
        FROM (
            SELECT every.ix, t.d, t.day, coalesce(f.units, 0) AS units
            FROM (SELECT generate_series(1, max(i)) AS ix FROM unnest(day_ix) AS i) AS every
            LEFT JOIN (SELECT DISTINCT *
                       FROM unnest(day_ix, d_ix, coalesce(out_days, days)) AS u (ix, d, day)
                       WHERE u.ix IS NOT NULL) AS t USING (ix)
            LEFT JOIN ledger.outflows AS f ON f.bank_id = bank
                AND f.account_id = account_ids[t.d] AND f.effective_on = t.day
        ) AS s (ix, d, day, units);
        SELECT array_agg(s.units ORDER BY s.ix) INTO year_units
        FROM (
            SELECT every.ix, (SELECT coalesce(sum(f.units), 0)::bigint FROM ledger.outflows AS f
                     WHERE f.bank_id = bank AND f.account_id = account_ids[t.d]
                       AND f.effective_on >= t.year
                       AND f.effective_on < (t.year + interval '1 year')::date) AS units
            FROM (SELECT generate_series(1, max(i)) AS ix FROM unnest(year_ix) AS i) AS every
            LEFT JOIN (SELECT DISTINCT u.ix, u.d, date_trunc('year', u.day)::date AS year
                       FROM unnest(year_ix, d_ix, coalesce(out_days, days)) AS u (ix, d, day)
                       WHERE u.ix IS NOT NULL) AS t USING (ix)
        ) AS s;
    END IF;
    -- 3. Decide every item in order, each seeing the effects of those before it.
    FOR n IN 1..size LOOP
        code := NULL;
        d := d_ix[n];
        c := c_ix[n];
        amount := amounts[n];
        IF group_from = 0 AND links[n] THEN
            group_from := n;
            group_failed := false;
            old_count := 0;
            reversed_at_group := cardinality(reversed);
        END IF;
        IF has_verbs THEN
            verb := verbs[n];
        END IF;
        IF known[n] IS NOT NULL THEN
            code := known[n];
        ELSIF repeats[n] <> 0 THEN
            code := CASE WHEN repeats[n] < 0 THEN 30 WHEN result[repeats[n]] = 0 THEN 1
                         ELSE result[repeats[n]] END;
        ELSIF group_failed THEN
            code := 31;
        ELSE
            IF verb >= 2 THEN
                h := h_ix[n];
                state := h_state[h];
                IF state IS NULL THEN
                    code := 40;
                ELSIF state = 1 THEN
                    code := 41;
                ELSIF state = 2 THEN
                    code := CASE WHEN verb = 3 THEN 1 ELSE 42 END;
                ELSIF state = 3 THEN
                    code := CASE WHEN verb = 4 THEN 1 ELSE 43 END;
                ELSIF verb = 2 AND h_expires[h] <= at THEN
                    code := 43;
                ELSIF verb = 4 AND coalesce(h_expires[h] > at, true) THEN
                    code := 45;
                ELSIF verb > 2 THEN
                    amount := h_left[h];
                ELSE
                    amount := coalesce(amount, h_left[h]);
                    IF amount > h_left[h] THEN
                        code := 44;
                    END IF;
                END IF;
            END IF;
            IF has_reverses THEN
                back := reversal[n];
                IF back = 50 THEN
                    -- It may have been posted earlier in this batch.
                    o := array_position(ids, reverses[n]);
                    back := CASE WHEN o IS NULL OR o >= n OR result[o] <> 0 THEN 50
                                 WHEN d_ix[o] <> c OR c_ix[o] <> d OR moved[o] <> amount THEN 52
                            END;
                END IF;
                IF reverses[n] = ANY (reversed) THEN
                    back := 51;
                END IF;
            END IF;
            IF code IS NOT NULL THEN
                NULL;
            ELSIF coalesce(amount, 0) <= 0 THEN
                code := 10;
            ELSIF d = c THEN
                code := 11;
            ELSIF a_status[d] IS NULL OR a_status[c] IS NULL THEN
                code := 12;
            ELSIF asset_ix[n] IS NOT NULL
                AND (a_asset[d] = asset_ix[n] AND a_asset[c] = asset_ix[n]) IS NOT TRUE THEN
                code := 13;
            ELSIF verb > 2 THEN
                NULL;
            ELSIF a_status[d] = 3 OR a_status[c] = 3 THEN
                code := 14;
            ELSIF a_status[d] = 1 OR a_status[c] = 1 OR (a_status[d] = 2 AND NOT a_debit_normal[d])
                OR (a_status[c] = 2 AND a_debit_normal[c]) THEN
                code := 15;
            ELSIF back IS NOT NULL THEN
                code := back;
            ELSIF verb = 2 THEN
                NULL;
            ELSIF a_dr[d] > most - amount - a_drh[d] OR a_cr[c] > most - amount - a_crh[c] THEN
                code := 16;
            ELSIF a_cr[d] - a_dr[d] - a_drh[d] - amount < a_lo[d] THEN
                code := CASE WHEN a_debit_normal[d] THEN 19 WHEN a_floor[d] < 0 THEN 18 ELSE 17 END;
            ELSIF a_cr[c] + a_crh[c] - a_dr[c] > a_hi[c] - amount THEN
                code := CASE WHEN NOT a_debit_normal[c] THEN 19 WHEN a_floor[c] < 0 THEN 18
                             ELSE 17 END;
            ELSIF has_limits AND day_ix[n] IS NOT NULL THEN
                IF amount > a_day_max[d] - day_units[day_ix[n]] THEN
                    code := 20;
                ELSIF amount > a_year_max[d] - year_units[year_ix[n]] THEN
                    code := 21;
                END IF;
            END IF;
        END IF;

        IF code IS NULL THEN
            code := 0;
            IF verb = 0 OR verb = 2 THEN
                a_dr[d] := a_dr[d] + amount;
                a_cr[c] := a_cr[c] + amount;
                a_count[d] := a_count[d] + 1;
                a_count[c] := a_count[c] + 1;
                d_number[n] := a_count[d];
                c_number[n] := a_count[c];
                d_after[n] := a_cr[d] - a_dr[d];
                c_after[n] := a_cr[c] - a_dr[c];
                d_previous[n] := a_last[d];
                c_previous[n] := a_last[c];
                a_last[d] := ids[n];
                a_last[c] := ids[n];
            END IF;
            IF verb > 0 THEN
                h := h_ix[n];
                held_count := held_count + 1;
                moved[n] := amount;
                IF verb = 1 THEN
                    held := amount;
                    h_state[h] := 0;
                    h_left[h] := amount;
                    h_taken[h] := 0;
                    h_expires[h] := expiries[n];
                ELSE
                    freed[n] := h_left[h];
                    held := CASE WHEN verb = 2 AND NOT finals[n] THEN -amount ELSE -h_left[h] END;
                    h_left[h] := h_left[h] + held;
                    IF verb = 2 THEN
                        h_taken[h] := h_taken[h] + amount;
                        h_state[h] := CASE WHEN h_left[h] = 0 THEN 1 ELSE 0 END;
                    ELSE
                        h_state[h] := verb - 1;
                    END IF;
                END IF;
                a_drh[d] := a_drh[d] + held;
                a_crh[c] := a_crh[c] + held;
            END IF;
            IF has_limits AND day_ix[n] IS NOT NULL THEN
                o := day_ix[n];
                y := year_ix[n];
                held := CASE WHEN verb > 2 THEN -amount ELSE amount END;
                day_units[o] := day_units[o] + held;
                IF y IS NOT NULL THEN
                    year_units[y] := year_units[y] + held;
                END IF;
            END IF;
            IF has_reverses AND reverses[n] IS NOT NULL THEN
                reversed := reversed || reverses[n];
            END IF;
        ELSIF code = 1 THEN
            old_count := old_count + 1;
        ELSE
            refused_count := refused_count + 1;
        END IF;
        result[n] := code;

        -- A group ends at its first item without a link; the batch must not end before it does.
        IF group_from > 0 AND (NOT links[n] OR n = size OR code > 1) THEN
            IF links[n] AND n = size AND NOT group_failed AND code <= 1 THEN
                is_undone := true;
            ELSE
                is_undone := NOT group_failed AND (code > 1
                    OR (NOT links[n] AND old_count > 0 AND old_count < n - group_from + 1));
            END IF;
            IF is_undone THEN
                group_failed := true;
                refused_count := refused_count + 1;
                FOR j IN REVERSE n..group_from LOOP
                    IF result[j] = 0 THEN
                        result[j] := 31;
                        d := d_ix[j];
                        c := c_ix[j];
                        amount := moved[j];
                        IF has_verbs THEN
                            verb := verbs[j];
                        END IF;
                        IF verb = 0 OR verb = 2 THEN
                            a_dr[d] := a_dr[d] - amount;
                            a_cr[c] := a_cr[c] - amount;
                            a_count[d] := a_count[d] - 1;
                            a_count[c] := a_count[c] - 1;
                            a_last[d] := d_previous[j];
                            a_last[c] := c_previous[j];
                        END IF;
                        IF verb > 0 THEN
                            h := h_ix[j];
                            IF verb = 1 THEN
                                held := -amount;
                                h_state[h] := NULL;
                            ELSE
                                held := freed[j] - h_left[h];
                                h_left[h] := freed[j];
                                h_state[h] := 0;
                                IF verb = 2 THEN
                                    h_taken[h] := h_taken[h] - amount;
                                END IF;
                            END IF;
                            a_drh[d] := a_drh[d] + held;
                            a_crh[c] := a_crh[c] + held;
                        END IF;
                        IF has_limits AND day_ix[j] IS NOT NULL THEN
                            o := day_ix[j];
                            y := year_ix[j];
                            held := CASE WHEN verb > 2 THEN amount ELSE -amount END;
                            day_units[o] := day_units[o] + held;
                            IF y IS NOT NULL THEN
                                year_units[y] := year_units[y] + held;
                            END IF;
                        END IF;
                    END IF;
                END LOOP;
                reversed := reversed[1:reversed_at_group];
                IF links[n] AND n = size AND code <= 1 THEN
                    result[n] := 32;
                END IF;
            END IF;
            -- What was posted before, outside this group, is not part of a group that failed.
            IF NOT links[n] OR n = size THEN
                IF group_failed THEN
                    FOR j IN group_from..n LOOP
                        IF result[j] = 1 THEN
                            result[j] := 30;
                        END IF;
                    END LOOP;
                END IF;
                group_from := 0;
                group_failed := false;
            END IF;
        END IF;
    END LOOP;
    -- 4. Write.
    IF refused_count > 0 THEN
        INSERT INTO ledger.refusals (bank_id, id, outcome, content, recorded_at)
        SELECT bank, t.id, t.outcome, ledger.content_of(
                   account_ids[d_ix[t.n]], account_ids[c_ix[t.n]], amounts[t.n], codes[t.n], abouts[t.n],
                   days[t.n], coalesce(verbs[t.n], 0::smallint), hold_ids[h_ix[t.n]],
                   expiries[t.n], reverses[t.n], finals[t.n], assets[asset_ix[t.n]]), at
        FROM unnest(ids, result) WITH ORDINALITY AS t (id, outcome, n)
        WHERE t.outcome > 1 AND t.outcome <> 30 AND known[t.n] IS NULL
          AND coalesce(repeats[t.n], 0) = 0 AND coalesce(verbs[t.n], 0) < 3;
    END IF;
    IF NOT 0 = ANY (result) THEN
        RETURN result;
    END IF;
    INSERT INTO ledger.transfers (
        bank_id, transfer_id, debit_id, credit_id, units, code, about, effective_on, recorded_at,
        debit_number, credit_number, debit_after, credit_after, debit_previous_id,
        credit_previous_id, hold_id, reverses_id)
    SELECT bank, t.id, account_ids[t.d], account_ids[t.c], t.units, t.code, t.about, t.day, at,
           t.d_number, t.c_number, t.d_after, t.c_after, t.d_previous, t.c_previous, hold_ids[t.h],
           t.reverses
    FROM unnest(ids, d_ix, c_ix, moved, codes, abouts, days, d_number, c_number, d_after, c_after,
                d_previous, c_previous, h_ix, reverses, result, verbs)
        AS t (id, d, c, units, code, about, day, d_number, c_number, d_after, c_after, d_previous,
              c_previous, h, reverses, outcome, verb)
    WHERE t.outcome = 0 AND coalesce(t.verb, 0) IN (0, 2);
    -- What the sealer has still to seal: one row a batch, so that nothing is hashed in here.
    INSERT INTO ledger.unsealed (bank_id, first_id, transfer_ids)
    SELECT bank, s.posted[1], s.posted
    FROM (SELECT array_agg(t.id) AS posted
          FROM unnest(ids, result, verbs) AS t (id, outcome, verb)
          WHERE t.outcome = 0 AND coalesce(t.verb, 0) IN (0, 2)) AS s
    WHERE s.posted IS NOT NULL;
    UPDATE ledger.accounts AS a
    SET debits_posted = u.dr, credits_posted = u.cr, debits_held = u.drh, credits_held = u.crh,
        posting_count = u.count, last_transfer_id = u.last
    FROM unnest(account_ids, a_dr, a_cr, a_drh, a_crh, a_count, a_last)
        AS u (id, dr, cr, drh, crh, count, last)
    WHERE a.bank_id = bank AND a.account_id = u.id
      AND (a.posting_count <> u.count OR a.debits_held <> u.drh OR a.credits_held <> u.crh);
    IF held_count > 0 THEN
        INSERT INTO ledger.holds (
            bank_id, hold_id, debit_id, credit_id, units, units_left, units_captured, status, code,
            about, effective_on, expires_at, placed_at, ended_at)
        SELECT bank, t.id, account_ids[t.d], account_ids[t.c], t.units, h_left[t.h], h_taken[t.h],
               h_state[t.h], t.code, t.about, t.day, t.expires_at, at,
               CASE WHEN h_state[t.h] > 0 THEN at END
        FROM unnest(ids, d_ix, c_ix, moved, codes, abouts, days, expiries, h_ix, result, verbs)
            AS t (id, d, c, units, code, about, day, expires_at, h, outcome, verb)
        WHERE t.outcome = 0 AND t.verb = 1;
        UPDATE ledger.holds AS x
        SET units_left = u.remains, units_captured = u.taken, status = u.state,
            ended_at = CASE WHEN u.state > 0 THEN at END
        FROM unnest(hold_ids, h_left, h_taken, h_state) AS u (id, remains, taken, state)
        WHERE x.bank_id = bank AND x.hold_id = u.id AND x.units_left <> u.remains;
    END IF;
    IF has_limits THEN
        INSERT INTO ledger.outflows AS f (bank_id, account_id, effective_on, units)
        SELECT bank, account_ids[u.d], u.day, u.units
        FROM unnest(day_accounts, day_dates, day_units) AS u (d, day, units)
        WHERE u.d IS NOT NULL
        ORDER BY account_ids[u.d], u.day
        ON CONFLICT (bank_id, account_id, effective_on) DO UPDATE SET units = excluded.units
        WHERE f.units <> excluded.units;
    END IF;
    RETURN result;
END
$body$
