# shellcheck shell=bash
# The table of documented commands, and what can be wrong with it: each function prints
# a line for each fault.

declare -A HOW=() NOTE=()

# documented_table FILE: fills HOW and NOTE, by command
documented_table() {
  local how command note
  HOW=() NOTE=()
  while IFS=$'\t' read -r how command note; do
    [[ -n $command && $how != \#* ]] || continue
    HOW[$command]=$how NOTE[$command]=$note
  done <"$1"
}

# of the file of commands that extract has written
in_no_page() { comm -13 <(cut -f2 "$1" | sort -u) <(printf '%s\n' "${!HOW[@]}" | sort -u); }
in_no_line() { comm -23 <(cut -f2 "$1" | sort -u) <(printf '%s\n' "${!HOW[@]}" | sort -u); }

# Another test runs it: the file is there, below the folder TOP, and what it runs is in it.
is_run_by() { # TOP NOTE
  local file=${2%%: *} text=${2#*: }
  [[ $2 == *": "* ]] && grep -qsF -- "$text" "$1/$file"
}

# misplaced TOP: lines of the table whose notes say nothing, or no longer hold
misplaced() {
  local command
  for command in "${!HOW[@]}"; do
    case ${HOW[$command]} in
      [0-9]) ;;
      by) is_run_by "$1" "${NOTE[$command]}" || echo "$command: not run by ${NOTE[$command]}" ;;
      not) ((${#NOTE[$command]} > 10)) || echo "$command: not run, without a reason" ;;
      *) echo "$command: no such way to run it: ${HOW[$command]}" ;;
    esac
  done
}
