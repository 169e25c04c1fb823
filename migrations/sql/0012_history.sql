-- An account's transfers from one of them back along its chain, newest first, at most `steps`.
CREATE FUNCTION ledger.chain_of(bank uuid, account uuid, first uuid, steps bigint)
RETURNS SETOF ledger.transfers
LANGUAGE plpgsql STABLE
AS $body$
DECLARE
    one ledger.transfers;
BEGIN
    WHILE first IS NOT NULL AND steps > 0 LOOP
        SELECT * INTO one FROM ledger.transfers AS t WHERE t.bank_id = bank AND t.transfer_id = first;
        RETURN NEXT one;
        first := CASE one.debit_id WHEN account THEN one.debit_previous_id
                                   ELSE one.credit_previous_id END;
        steps := steps - 1;
    END LOOP;
END
$body$;

-- Every posting of an account, in no order: what is indexed, and the chain from the newest one back
-- to there. Where the index has a gap, because a later batch was indexed first, the chain tells all.
-- `change` is in credits less debits.
CREATE FUNCTION ledger.postings_of(bank uuid, account uuid) RETURNS TABLE (
    number bigint, transfer_id uuid, change bigint, code text, effective_on date,
    recorded_at timestamptz
)
LANGUAGE sql STABLE
AS $body$
    WITH indexed AS MATERIALIZED (
        SELECT CASE WHEN count(*) = max(p.number) THEN max(p.number) ELSE 0 END AS through
        FROM ledger.postings AS p WHERE p.bank_id = bank AND p.account_id = account
    )
    SELECT p.number, p.transfer_id, p.change, p.code, p.effective_on, p.recorded_at
    FROM indexed JOIN ledger.postings AS p ON p.number <= indexed.through
    WHERE p.bank_id = bank AND p.account_id = account
    UNION ALL
    SELECT CASE c.debit_id WHEN account THEN c.debit_number ELSE c.credit_number END,
           c.transfer_id, CASE c.debit_id WHEN account THEN -c.units ELSE c.units END, c.code,
           c.effective_on, c.recorded_at
    FROM indexed JOIN ledger.accounts AS a ON a.bank_id = bank AND a.account_id = account
    CROSS JOIN LATERAL ledger.chain_of(
        bank, account, a.last_transfer_id, a.posting_count - indexed.through) AS c
$body$;
