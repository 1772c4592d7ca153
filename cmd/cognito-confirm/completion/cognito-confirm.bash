# Completion of cognito-confirm for bash: source <(cognito-confirm completion bash)
_cognito_confirm() {
	local IFS=$'\n'
	COMPREPLY=($(COMP_LINE="${COMP_LINE:0:COMP_POINT}" "$1" 2>/dev/null))
}
complete -o default -F _cognito_confirm cognito-confirm
