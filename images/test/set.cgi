#!/bin/sh
key=$(printf %s "$QUERY_STRING" | tr -cd 'A-Za-z0-9_-')
temporary=$DATA/.$key.$$
head -c "${CONTENT_LENGTH:-0}" >"$temporary" && mv "$temporary" "$DATA/$key"
printf 'Content-Type: text/plain\r\n\r\nstored\n'
