#compdef cognito-confirm
# Completion of cognito-confirm for zsh: source <(cognito-confirm completion zsh),
# after compinit, or this file as _cognito-confirm in a directory of $fpath.
_cognito-confirm() {
	local -a candidates
	candidates=(${(f)"$(COMP_LINE="${(j: :)words[1,CURRENT-1]} $PREFIX" ${~words[1]} 2>/dev/null)"})
	compset -P '--[^=]#='
	if (( $#candidates )); then
		compadd -- $candidates
	else
		_files
	fi
}
if [[ $funcstack[1] == _cognito-confirm ]]; then
	_cognito-confirm "$@"
else
	compdef _cognito-confirm cognito-confirm
fi
