;;; leastwise-mode.el --- Leastwise specs: colours, indentation, the language server  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages

;;; Commentary:

;; A spec is a KDL file at or below a folder with `leastwise.kdl'.  Any other
;; KDL file stays what it was.  With Eglot (a part of Emacs since 29, a package
;; for 28) `M-x eglot' starts `leastwise lsp'; its page says how to do it always.

;;; Code:

(require 'cl-lib)
(require 'project)
(require 'leastwise-words)

(defgroup leastwise nil
  "Leastwise specs."
  :group 'languages)

(defcustom leastwise-command "leastwise"
  "The command whose `lsp' is the language server."
  :type 'string
  :group 'leastwise)

(defcustom leastwise-indent-offset 4
  "How many columns a block is indented."
  :type 'integer
  :safe #'integerp
  :group 'leastwise)

(defvar leastwise-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 124" table)
    (modify-syntax-entry ?* ". 23bn" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?- "_" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?: "_" table)
    (modify-syntax-entry ?$ "_" table)
    (modify-syntax-entry ?= "." table)
    (modify-syntax-entry ?' "." table)
    table)
  "How letters of a spec are read.")

(defun leastwise--at-node (words)
  "A pattern for one of WORDS where a node begins; the word is group 1."
  (concat "\\(?:^\\|[{;}]\\)[ \t]*" (regexp-opt words "\\(") "\\_>"))

(defconst leastwise-font-lock-keywords
  (let ((name "[ \t]+\\([A-Za-z0-9_-]+\\)\\_>"))
    `((,(leastwise--at-node leastwise-words-rules) 1 font-lock-keyword-face)
      (,(concat (leastwise--at-node leastwise-words-kinds) name)
       (1 font-lock-type-face) (2 font-lock-function-name-face))
      (,(concat (leastwise--at-node leastwise-words-declarations) name "[^=]")
       (1 font-lock-keyword-face) (2 font-lock-function-name-face))
      (,(leastwise--at-node (append leastwise-words-facts leastwise-words-declarations))
       1 font-lock-variable-name-face)
      ("\\_<\\(?:allow\\|can\\|cannot\\|does\\)\\_>"
       (,(concat "\\_<" (regexp-opt leastwise-words-capabilities) "\\_>")
        (save-excursion (skip-chars-forward "^;{}\n") (point)) nil (0 font-lock-builtin-face)))
      (,(concat "\\_<" (regexp-opt leastwise-words-selectors) ":[A-Za-z0-9_-]+") 0 font-lock-constant-face)
      ("\\_<[a-z0-9-]+:[A-Z][A-Za-z0-9]*\\_>" 0 font-lock-builtin-face)
      (,(concat "\\_<" (regexp-opt leastwise-words-reserved) "\\_>") 0 font-lock-constant-face)
      ("\\_<\\$[A-Za-z0-9_-]+" 0 font-lock-variable-name-face)
      ("#\\(?:true\\|false\\|null\\)\\_>" 0 font-lock-constant-face)
      ("[-~]>" 0 font-lock-keyword-face)))
  "What is coloured in a spec.")

(defun leastwise-indent-line ()
  "Indent a line by the braces that are open before it.
One that goes on from the line before is indented once more."
  (interactive)
  (let* ((depth (save-excursion
                  (back-to-indentation)
                  (- (car (syntax-ppss)) (if (eq (char-after) ?}) 1 0))))
         (goes-on (save-excursion
                    (forward-line 0)
                    (and (not (bobp)) (progn (backward-char) (eq (char-before) ?\\)))))
         (column (* leastwise-indent-offset (+ (max 0 depth) (if goes-on 1 0)))))
    (if (<= (current-column) (current-indentation))
        (indent-line-to column)
      (save-excursion (indent-line-to column)))))

;;;###autoload
(define-derived-mode leastwise-mode prog-mode "Leastwise"
  "Major mode for Leastwise specs."
  (setq-local comment-start "// ")
  (setq-local comment-end "")
  (setq-local comment-start-skip "\\(?://+\\|/\\*+\\)[ \t]*")
  (setq-local font-lock-defaults '(leastwise-font-lock-keywords))
  (setq-local indent-line-function #'leastwise-indent-line)
  (setq-local indent-tabs-mode nil)
  (setq-local electric-indent-chars (append "}" electric-indent-chars))
  (setq-local imenu-generic-expression
              (list (list nil
                          (concat (leastwise--at-node (append leastwise-words-kinds leastwise-words-declarations))
                                  "[ \t]+\\([A-Za-z0-9_-]+\\)")
                          2))))

(defun leastwise--is-spec ()
  "Whether the file of this buffer is a spec."
  (and buffer-file-name
       (string-suffix-p ".kdl" buffer-file-name)
       (locate-dominating-file buffer-file-name "leastwise.kdl")))

;; By the folder, not by the ending: this is asked before `auto-mode-alist'.
;;;###autoload
(add-to-list 'magic-mode-alist '(leastwise--is-spec . leastwise-mode))

(defun leastwise--project (folder)
  "The project of FOLDER: where `leastwise.kdl' lies."
  (let ((root (locate-dominating-file folder "leastwise.kdl")))
    (and root (cons 'leastwise root))))

(cl-defmethod project-root ((project (head leastwise)))
  "The folder of PROJECT."
  (cdr project))

(defun leastwise--find-project ()
  "In specs a project is what the compiler takes for one."
  (add-hook 'project-find-functions #'leastwise--project nil t))

(add-hook 'leastwise-mode-hook #'leastwise--find-project)

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               `(leastwise-mode . ,(lambda (&rest _) (list leastwise-command "lsp")))))

(provide 'leastwise-mode)

;;; leastwise-mode.el ends here
