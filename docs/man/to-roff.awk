# Turns a manual page of this folder into what man(1) reads. It knows the few forms that our pages use:
# "% TITLE(1) | source", headings, line blocks ("| …"), paragraphs, terms with ":   " below them, code indented by
# four blanks, and **bold**, *italic* and `code`. A form that it does not know is an error, never wrong output.

function fault(what) { print FILENAME ":" FNR ": " what > "/dev/stderr"; failed = 1; exit 1 }

function plain(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  return text
}

# One line of text with its marks; a mark that is not closed is a fault of the page.
function marked(text,   out, mark, length_, at) {
  out = ""
  while (match(text, /\*\*|\*|`/)) {
    mark = substr(text, RSTART, RLENGTH); length_ = RLENGTH
    out = out plain(substr(text, 1, RSTART - 1))
    text = substr(text, RSTART + length_)
    at = index(text, mark)
    if (at == 0) fault("\"" mark "\" is not closed")
    out = out (mark == "*" ? "\\fI" : "\\fB") plain(substr(text, 1, at - 1)) "\\fR"
    text = substr(text, at + length_)
  }
  out = out plain(text)
  if (out ~ /^[.']/) out = "\\&" out
  return out
}

function code(text) {
  text = plain(text)
  return text ~ /^[.']/ ? "\\&" text : text
}

function end_code() { if (in_code) print ".fi\n.RE"; in_code = 0 }

# A line waits for the next one, which may say that it was a term.
function release() {
  if (held == "") return
  if (blank) print ".PP"
  print marked(held)
  held = ""; blank = 0
}

/^% / {
  if (!match($2, /\([0-9]\)$/)) fault("a title is NAME(SECTION)")
  printf ".TH %s %s \"\" \"%s\" \"Manual of devenv\"\n.nh\n.ad l\n", plain(substr($2, 1, RSTART - 1)),
    substr($2, RSTART + 1, 1), $NF
  next
}
/^# / { release(); end_code(); print ".SH " plain(substr($0, 3)); blank = 0; next }
/^#/ { fault("only headings of the first level") }
/^\| / { release(); end_code(); print ".PP\n" marked(substr($0, 3)); next }
/^:   / {
  if (held == "") fault("a definition without a term")
  print ".TP\n" marked(held) "\n" marked(substr($0, 5))
  held = ""; blank = 0
  next
}
/^    / {
  release()
  if (!in_code) print ".PP\n.RS 4\n.nf"
  in_code = 1
  print code(substr($0, 5))
  next
}
/^$/ { release(); end_code(); blank = 1; next }
/^([-+>]|[0-9]+\.) / { fault("lists and quotes are not known") }
{ release(); end_code(); held = $0 }
END { if (!failed) { release(); end_code() } exit failed }
