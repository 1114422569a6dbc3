# Includes point down only: a folder sees its own files and those of lower
# floors, never a neighbour on the same floor, nor another's private header.
# The lowest rooms of a floor see no other room of it.
# usage: awk -f floors.awk FILE...; prints what is wrong.
BEGIN {
	n = split("base:0 db:1 mail:1 inspect:2 core:3 http:4 smtp:4 " \
	    "jobs:4 main:5", pair, " ")
	for (i = 1; i <= n; i++) {
		split(pair[i], p, ":")
		floor[p[1]] = p[2]
	}
	low["inspect/text"] = low["inspect/time"] = low["inspect/type"] = 1
}

FNR == 1 {
	split(FILENAME, part, "/")
	here = part[2]
	if (!(here in floor))
		print FILENAME ": the folder " here " is on no floor"
}

/^[ \t]*#[ \t]*include[ \t]*"[^"]*\// {
	split($0, quoted, "\"")
	there = quoted[2]
	sub(/\/.*/, "", there)
	where = FILENAME ":" FNR ": includes " quoted[2]
	if (!(there in floor)) {
		print where ", which is on no floor"
		next
	}
	if (there == here) {
		room = part[3]
		split(quoted[2], to, "/")
		if ((here "/" room) in low && to[3] != "" && to[2] != room)
			print where ", of another room than its own, the lowest"
		next
	}
	if (floor[there] > floor[here])
		print where " from a floor above"
	else if (floor[there] == floor[here])
		print where " from a neighbour on its floor"
	if (quoted[2] ~ /priv\.h$/)
		print where ", which is private to its folder"
}
