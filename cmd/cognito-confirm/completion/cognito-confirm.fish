# Completion of cognito-confirm for fish: cognito-confirm completion fish | source
function __cognito_confirm
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l flag (string match -r -- '^--[^=]*=' $word)
    or set flag ''
    set -l candidates (COMP_LINE="$words $word" $words[1] 2>/dev/null)
    if set -q candidates[1]
        printf '%s\n' $flag$candidates
    else
        __fish_complete_path $word
    end
end
complete -c cognito-confirm -f -a '(__cognito_confirm)'
