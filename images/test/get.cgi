#!/bin/sh
key=$(printf %s "$QUERY_STRING" | tr -cd 'A-Za-z0-9_-')
if [ -f "$DATA/$key" ]; then
  printf 'Content-Type: text/plain\r\n\r\n'
  cat "$DATA/$key"
else
  printf 'Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nno such key\n'
fi
