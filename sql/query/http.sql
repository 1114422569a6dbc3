-- What the web server itself asks.

-- name: http_ping :exec
SELECT 1;
