# Each outside library is included in one folder, so that it can be
# understood, and replaced, in one place.
# usage: awk -f owners.awk FILE...; prints what is wrong.
BEGIN {
	own["^libpq-fe\\.h|^libpq/|^pg_config"] = "db"
	own["^gmime/"] = "mail"
	own["^libesmtp\\.h|^auth-client\\.h"] = "mail"
	own["^openssl/"] = "mail"
	own["^zip\\.h"] = "inspect"
	own["^gpgme\\.h"] = "mail"
	own["^microhttpd\\.h"] = "http"
	own["^sodium"] = "base"
	own["^cmark"] = "base"
	own["^libxml/"] = "inspect"
	own["^gumbo"] = "inspect"
	own["^systemd/"] = "main"
}

FNR == 1 {
	split(FILENAME, part, "/")
	here = part[2]
}

/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
	header = $0
	sub(/^[^<"]*[<"]/, "", header)
	sub(/[>"].*/, "", header)
	for (pattern in own)
		if (header ~ pattern && here != own[pattern])
			print FILENAME ":" FNR ": " header " belongs to server/" \
			    own[pattern]
}
