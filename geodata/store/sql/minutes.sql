-- Minutes from settlements to the quickest centre of each kind, by type, services and settlement.
SELECT settlement_id, type, services, minutes
FROM minutes
ORDER BY type, services, settlement_id
