-- What stood at the end of the last month stands at the ends of the following ones too, until movements say
-- otherwise.
INSERT INTO balance_month (kind, name, currency, month, amount, bonds)
SELECT kind, name, currency, later.month::date, amount, bonds
FROM balance_month
CROSS JOIN generate_series($1::date + interval '1 month', $2::date, interval '1 month') AS later (month)
WHERE balance_month.month = $1 AND (amount <> 0 OR bonds <> 0)
