-- Post one batch and return one result code per item, as jiuding.kernel.ledger.types.Refusal
-- numbers them: 0 posted, 1 exists with the same content, the rest refusals.
--
-- Arrays have equal length, one item each; `account_ids` and `hold_ids` are distinct and in id order,
-- and items point into them from 1. `assets` are written CODE/SCALE. `repeats` says which earlier
-- item of the batch has the same id: its place, negative for other content, 0 for none. The arrays from `verbs` on are null
-- when the batch holds plain transfers only (verbs: 0 transfer, 1 hold, 2 capture, 3 void,
-- 4 expire). `out_days` is the day on which an item counts towards its debit account's outflow.
-- `marks` is the mark that an item starts; null when none does (docs/adr/0007-provenance.md).
--
-- Plans must stay index look-ups from the batch into the tables, also when they were made while
-- the tables were still empty: hence the settings.
CREATE FUNCTION ledger.post_batch(
    bank uuid, at timestamptz, ids uuid[], account_ids uuid[], d_ix int[], c_ix int[],
    amounts bigint[], assets text[], asset_ix smallint[], codes text[], abouts text[],
    days date[], links boolean[], repeats int[], verbs smallint[], hold_ids uuid[], h_ix int[],
    expiries timestamptz[], finals boolean[], out_days date[], reverses uuid[],
    marks uuid[]
) RETURNS smallint[]
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $body$
DECLARE
    most CONSTANT bigint := 9223372036854775807;
    root CONSTANT bigint := 3037000499;  -- the product of two such fits in 64 bits
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
    -- Marked money, read only where there is any. k: who holds what of which mark, for each account
    -- a list in the marks' order; r: what the transfers to be reversed carried; t: what is moved.
    has_marks boolean; is_back boolean; start_forbids text[];
    a_flag boolean[]; a_traced boolean[]; a_use text[]; a_marked bigint[]; a_first int[];
    k_account int[]; k_mark uuid[]; k_units bigint[]; k_before bigint[]; k_next int[];
    k_forbids text[]; k_count int := 0;
    r_item int[]; r_mark uuid[]; r_units bigint[]; r_kept bigint[]; r_forbids text[]; r int := 1;
    b_mark uuid[]; b_units bigint[]; b_forbids text[];
    t_item int[]; t_mark uuid[]; t_units bigint[]; t_taken bigint[]; t_kept bigint[];
    t_start boolean[]; t_from int[]; t_to int[]; t_forbids text[];
    t_count int := 0; t_done int; t_at_group int := 0;
    e int; x int; previous int; part bigint; whole bigint; share bigint; pool bigint; room bigint;
    moved_marked bigint;
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
                            OR a.outflow_per_year_max IS NOT NULL), false),
           coalesce(bool_or(a.is_marked), false) OR marks IS NOT NULL
    INTO found_ids, a_asset, a_status, a_debit_normal, a_lo, a_hi, a_floor, a_day_max, a_year_max,
         a_dr, a_cr, a_drh, a_crh, a_count, a_last, has_limits, has_marks
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
                 AND marks[t.n] IS NOT DISTINCT FROM (
                     SELECT s.mark_id FROM ledger.transfer_marks AS s
                     WHERE s.bank_id = bank AND s.transfer_id = t.id AND s.is_start)
                THEN 1 ELSE 30 END
            WHEN r.id IS NOT NULL THEN CASE
                WHEN r.content = ledger.content_of(
                    account_ids[d_ix[t.n]], account_ids[c_ix[t.n]], amounts[t.n], codes[t.n],
                    abouts[t.n], days[t.n], coalesce(verbs[t.n], 0::smallint),
                    hold_ids[h_ix[t.n]], expiries[t.n], reverses[t.n], finals[t.n],
                    assets[asset_ix[t.n]], marks[t.n])
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
    IF has_reverses AND NOT has_marks THEN
        has_marks := EXISTS (SELECT FROM ledger.transfer_marks AS t
                             WHERE t.bank_id = bank AND t.transfer_id = ANY (reverses));
    END IF;
    IF has_marks THEN
        a_marked := array_fill(0::bigint, ARRAY[cardinality(account_ids)]);
        -- OFFSET 0 keeps each look-up on the inner side, whatever a planner thinks of the tables.
        SELECT array_agg(a.is_marked ORDER BY w.i), array_agg(a.is_traced ORDER BY w.i),
               array_agg(a.use ORDER BY w.i) INTO a_flag, a_traced, a_use
        FROM unnest(account_ids) WITH ORDINALITY AS w (id, i)
        LEFT JOIN LATERAL (
            SELECT x.is_marked, x.is_traced, x.use FROM ledger.accounts AS x
            WHERE x.bank_id = bank AND x.account_id = w.id OFFSET 0) AS a ON true;
        SELECT array_agg(s.i), array_agg(s.mark_id), array_agg(s.units), array_agg(s.forbids)
        INTO k_account, k_mark, k_units, k_forbids
        FROM (
            SELECT w.i::int, u.mark_id, u.units,
                   (SELECT ledger.uses_text(m.forbidden_uses) FROM ledger.marks AS m
                    WHERE m.bank_id = bank AND m.mark_id = u.mark_id) AS forbids
            FROM unnest(account_ids, a_flag) WITH ORDINALITY AS w (id, flag, i)
            CROSS JOIN LATERAL (
                SELECT x.mark_id, x.units FROM ledger.marked_units AS x
                WHERE x.bank_id = bank AND x.account_id = w.id OFFSET 0) AS u
            WHERE w.flag
            ORDER BY w.i, u.mark_id
        ) AS s;
        k_before := k_units;
        k_count := coalesce(cardinality(k_mark), 0);
        FOR e IN 1..k_count LOOP
            d := k_account[e];
            a_marked[d] := a_marked[d] + k_units[e];
            IF e > 1 AND k_account[e - 1] = d THEN
                k_next[e - 1] := e;
            ELSE
                a_first[d] := e;
            END IF;
        END LOOP;
        IF marks IS NOT NULL THEN
            SELECT array_agg((SELECT ledger.uses_text(m.forbidden_uses) FROM ledger.marks AS m
                              WHERE m.bank_id = bank AND m.mark_id = w.id) ORDER BY w.n)
            INTO start_forbids
            FROM unnest(marks) WITH ORDINALITY AS w (id, n);
        END IF;
        IF has_reverses THEN
            SELECT array_agg(s.n), array_agg(s.mark_id), array_agg(s.units),
                   array_agg(s.units_kept), array_agg(s.forbids)
            INTO r_item, r_mark, r_units, r_kept, r_forbids
            FROM (
                SELECT w.n::int, t.mark_id, t.units, t.units_kept,
                       (SELECT ledger.uses_text(m.forbidden_uses) FROM ledger.marks AS m
                        WHERE m.bank_id = bank AND m.mark_id = t.mark_id) AS forbids
                FROM unnest(reverses) WITH ORDINALITY AS w (id, n)
                CROSS JOIN LATERAL (
                    SELECT x.mark_id, x.units, x.units_kept FROM ledger.transfer_marks AS x
                    WHERE x.bank_id = bank AND x.transfer_id = w.id OFFSET 0) AS t
                WHERE w.id IS NOT NULL
                ORDER BY w.n, t.mark_id
            ) AS s;
        END IF;
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
            t_at_group := t_count;
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

        IF has_marks AND code IS NULL AND verb < 3 THEN
            -- 3a. Which marks go with this item. What a reversal must bring back comes first: from
            --     a traced account what arrived there and is there still, from elsewhere all.
            t_done := t_count;
            is_back := has_reverses AND reverses[n] IS NOT NULL;
            IF is_back THEN
                b_mark := '{}';
                b_units := '{}';
                b_forbids := '{}';
            END IF;
            IF is_back AND reversal[n] IS NULL THEN
                WHILE r_item[r] < n LOOP
                    r := r + 1;
                END LOOP;
                WHILE r_item[r] = n LOOP
                    b_mark := b_mark || r_mark[r];
                    b_units := b_units || CASE WHEN a_traced[d] THEN r_kept[r] ELSE r_units[r] END;
                    b_forbids := b_forbids || r_forbids[r];
                    r := r + 1;
                END LOOP;
            ELSIF is_back THEN
                o := array_position(ids, reverses[n]);
                FOR x IN SELECT i FROM generate_series(1, t_count) AS i
                         WHERE t_item[i] = o ORDER BY t_mark[i] LOOP
                    b_mark := b_mark || t_mark[x];
                    b_units := b_units || CASE WHEN a_traced[d] THEN t_kept[x] ELSE t_units[x] END;
                    b_forbids := b_forbids || t_forbids[x];
                END LOOP;
            END IF;
            IF a_marked[d] > 0 THEN
                pool := a_cr[d] - a_dr[d];
                share := least(amount, pool);
                IF is_back THEN
                    -- The rest is taken from unmarked money as far as there is any.
                    room := pool - a_marked[d];
                    pool := a_marked[d];
                    share := amount;
                    e := a_first[d];
                    WHILE e IS NOT NULL LOOP
                        x := array_position(b_mark, k_mark[e]);
                        IF x IS NOT NULL THEN
                            part := least(b_units[x], k_units[e]);
                            share := share - part;
                            pool := pool - part;
                        END IF;
                        e := k_next[e];
                    END LOOP;
                    share := least(greatest(share - room, 0), pool);
                END IF;
                -- Each mark's part: what the marks up to it move together, rounded down, less what
                -- those before it moved. The odd unit is unmarked.
                whole := 0;
                held := 0;
                e := a_first[d];
                WHILE e IS NOT NULL LOOP
                    part := 0;
                    IF is_back THEN
                        x := array_position(b_mark, k_mark[e]);
                        part := CASE WHEN x IS NULL THEN 0 ELSE least(b_units[x], k_units[e]) END;
                    END IF;
                    whole := whole + k_units[e] - part;
                    moved_marked := CASE WHEN share = pool THEN whole
                                         WHEN whole <= root AND share <= root
                                         THEN whole * share / pool
                                         ELSE div(whole::numeric * share, pool::numeric) END;
                    part := part + moved_marked - held;
                    held := moved_marked;
                    IF part > 0 THEN
                        t_count := t_count + 1;
                        t_mark[t_count] := k_mark[e];
                        t_units[t_count] := part;
                        t_taken[t_count] := part;
                        t_from[t_count] := e;
                        t_start[t_count] := false;
                        t_forbids[t_count] := k_forbids[e];
                    END IF;
                    e := k_next[e];
                END LOOP;
            ELSIF is_back AND NOT a_traced[d] THEN
                FOR x IN 1..cardinality(b_mark) LOOP
                    t_count := t_count + 1;
                    t_mark[t_count] := b_mark[x];
                    t_units[t_count] := b_units[x];
                    t_taken[t_count] := 0;
                    t_from[t_count] := NULL;
                    t_start[t_count] := false;
                    t_forbids[t_count] := b_forbids[x];
                END LOOP;
            END IF;
            IF marks[n] IS NOT NULL THEN
                IF start_forbids[n] IS NULL THEN
                    code := 23;
                END IF;
                -- A unit carries one mark at most: the new one goes on those that carry none.
                part := amount;
                o := NULL;
                FOR x IN t_done + 1..t_count LOOP
                    part := part - t_units[x];
                    IF t_mark[x] = marks[n] THEN
                        o := x;
                    END IF;
                END LOOP;
                IF o IS NULL THEN
                    t_count := t_count + 1;
                    o := t_count;
                    t_mark[o] := marks[n];
                    t_units[o] := 0;
                    t_taken[o] := 0;
                    t_from[o] := NULL;
                    t_forbids[o] := start_forbids[n];
                END IF;
                t_units[o] := t_units[o] + part;
                t_start[o] := true;
            END IF;
            IF code IS NULL AND a_use[c] IS NOT NULL THEN
                FOR x IN t_done + 1..t_count LOOP
                    IF t_units[x] > 0 AND position(',' || a_use[c] || ',' IN t_forbids[x]) > 0 THEN
                        code := 22;
                    END IF;
                END LOOP;
            END IF;
            IF code IS NOT NULL OR verb = 1 THEN
                t_count := t_done;
            END IF;
            -- 3b. Move them. On an account that is not traced they end; on one that was overdrawn,
            --     so do those that its balance has no room for.
            IF t_count > t_done THEN
                room := CASE WHEN a_traced[c]
                             THEN greatest(a_cr[c] - a_dr[c] + amount, 0) - a_marked[c] ELSE 0 END;
                FOR x IN t_done + 1..t_count LOOP
                    part := least(t_units[x], room);
                    room := room - part;
                    t_item[x] := n;
                    t_kept[x] := part;
                    t_to[x] := NULL;
                    e := t_from[x];
                    IF e IS NOT NULL THEN
                        k_units[e] := k_units[e] - t_taken[x];
                        a_marked[d] := a_marked[d] - t_taken[x];
                    END IF;
                    IF part > 0 THEN
                        previous := NULL;
                        e := a_first[c];
                        WHILE k_mark[e] < t_mark[x] LOOP
                            previous := e;
                            e := k_next[e];
                        END LOOP;
                        IF e IS NULL OR k_mark[e] <> t_mark[x] THEN
                            k_count := k_count + 1;
                            k_account[k_count] := c;
                            k_mark[k_count] := t_mark[x];
                            k_units[k_count] := 0;
                            k_before[k_count] := 0;
                            k_forbids[k_count] := t_forbids[x];
                            k_next[k_count] := e;
                            e := k_count;
                            IF previous IS NULL THEN
                                a_first[c] := e;
                            ELSE
                                k_next[previous] := e;
                            END IF;
                        END IF;
                        k_units[e] := k_units[e] + part;
                        a_marked[c] := a_marked[c] + part;
                        t_to[x] := e;
                    END IF;
                END LOOP;
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
                IF has_marks THEN
                    FOR x IN t_at_group + 1..t_count LOOP
                        e := t_from[x];
                        IF e IS NOT NULL THEN
                            k_units[e] := k_units[e] + t_taken[x];
                            a_marked[k_account[e]] := a_marked[k_account[e]] + t_taken[x];
                        END IF;
                        e := t_to[x];
                        IF e IS NOT NULL THEN
                            k_units[e] := k_units[e] - t_kept[x];
                            a_marked[k_account[e]] := a_marked[k_account[e]] - t_kept[x];
                        END IF;
                    END LOOP;
                    t_count := t_at_group;
                END IF;
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
                   expiries[t.n], reverses[t.n], finals[t.n], assets[asset_ix[t.n]],
                   marks[t.n]), at
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
    IF t_count > 0 THEN
        INSERT INTO ledger.transfer_marks (
            bank_id, transfer_id, mark_id, debit_id, credit_id, units, units_taken, units_kept,
            is_start)
        SELECT bank, ids[t.n], t.mark, account_ids[d_ix[t.n]], account_ids[c_ix[t.n]], t.units,
               t.taken, t.kept, t.start
        FROM unnest(t_item[1:t_count], t_mark[1:t_count], t_units[1:t_count], t_taken[1:t_count],
                    t_kept[1:t_count], t_start[1:t_count])
            AS t (n, mark, units, taken, kept, start);
        INSERT INTO ledger.marked_units AS u (bank_id, account_id, mark_id, units)
        SELECT bank, account_ids[k.a], k.mark, k.units
        FROM unnest(k_account, k_mark, k_units, k_before) AS k (a, mark, units, before)
        WHERE k.units <> k.before AND k.units > 0
        ON CONFLICT (bank_id, account_id, mark_id) DO UPDATE SET units = excluded.units;
        FOR e IN 1..k_count LOOP
            IF k_units[e] = 0 AND k_before[e] > 0 THEN
                DELETE FROM ledger.marked_units AS u
                WHERE u.bank_id = bank AND u.account_id = account_ids[k_account[e]]
                  AND u.mark_id = k_mark[e];
            END IF;
        END LOOP;
        UPDATE ledger.accounts AS a
        SET is_marked = u.marked > 0
        FROM unnest(account_ids, a_marked) AS u (id, marked)
        WHERE a.bank_id = bank AND a.account_id = u.id AND a.is_marked <> (u.marked > 0);
    END IF;
    RETURN result;
END
$body$
