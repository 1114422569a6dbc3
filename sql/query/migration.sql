-- The list of applied migrations (server/db/migrate.c).

-- name: migration_table :exec
CREATE TABLE IF NOT EXISTS schema_migration (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  at timestamptz NOT NULL DEFAULT now());

-- name: migration_lock :exec
SELECT pg_advisory_lock(7236283001);

-- name: migration_unlock :exec
SELECT pg_advisory_unlock(7236283001);

-- name: migration_list :many
SELECT name, checksum FROM schema_migration ORDER BY name LIMIT 10000;

-- name: migration_add :exec
INSERT INTO schema_migration (name, checksum) VALUES ($1, $2);
