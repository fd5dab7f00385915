import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { EditorField } from '@grafana/plugin-ui';
import { Input, useStyles2 } from '@grafana/ui';
import React, { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

import type { MeshDataSource } from '../datasource';
import { complete, type Completion } from '../expression/complete';
import { useCheck } from './useCheck';
import { useLanguage } from './useLanguage';
import { useVariables } from './useVariables';

interface Props {
  inputId: string;
  label: string;
  tooltip: string;
  placeholder: string;
  datasource: MeshDataSource;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/**
 * An expression on one line, with what can stand at the caret in a list below it, and what is wrong with it. It is
 * taken when Enter is pressed or the field is left. It is a plain combobox rather than a code editor: the keyboard
 * leaves it by Tab, and screen readers know it.
 */
export function ExpressionField({ inputId, label, tooltip, placeholder, datasource, value = '', onChange }: Props) {
  const styles = useStyles2(getStyles);
  const variables = useVariables();
  const { language, error: unread, load } = useLanguage(datasource);
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string>();
  const [caret, setCaret] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const moveTo = useRef<number>();

  const text = typed ?? value;
  const error = useCheck(datasource, text);
  const offered = isOpen && language ? complete(text, caret, language, variables) : undefined;
  const items = offered?.items ?? [];
  const listId = `${inputId}-completions`;
  const optionId = (index: number) => `${listId}-${index}`;
  const isShown = isOpen && (items.length > 0 || (!language && text !== ''));

  // The field may be at the lower edge of a pane that scrolls.
  useLayoutEffect(() => {
    if (isShown) {
      document.getElementById(listId)?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [isShown, items.length, listId]);

  // The caret stands behind what was put in, once that is there.
  useLayoutEffect(() => {
    if (moveTo.current !== undefined) {
      input.current?.setSelectionRange(moveTo.current, moveTo.current);
      moveTo.current = undefined;
    }
  });
  useLayoutEffect(() => {
    if (active >= 0) {
      document.getElementById(optionId(active))?.scrollIntoView?.({ block: 'nearest' });
    }
  });

  const open = (at: number) => {
    load();
    setCaret(at);
    setActive(-1);
    setOpen(true);
  };
  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const take = () => {
    close();
    setTyped(undefined);
    const taken = text.trim();
    if (taken !== value) {
      onChange(taken || undefined);
    }
  };
  const put = (item: Completion) => {
    if (!offered) {
      return;
    }
    const changed = text.slice(0, offered.from) + item.text + text.slice(offered.to);
    moveTo.current = offered.from + item.text.length;
    setTyped(changed);
    open(moveTo.current);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') {
      event.preventDefault();
      return items[active] ? put(items[active]) : take();
    }
    if (event.key === 'Escape' && isOpen) {
      event.stopPropagation();
      return close();
    }
    if ((event.key === ' ' && event.ctrlKey) || (step && !isOpen)) {
      event.preventDefault();
      return open(event.currentTarget.selectionStart ?? text.length);
    }
    if (step && items.length) {
      event.preventDefault();
      const next = active < 0 && step < 0 ? items.length - 1 : active + step;
      setActive(((next % items.length) + items.length) % items.length);
    }
  };

  return (
    <div className={styles.field}>
      <EditorField label={label} tooltip={tooltip} htmlFor={inputId} invalid={error !== undefined} error={error}>
        <Anchor className={styles.anchor}>
          <Input
            id={inputId}
            ref={input}
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={isShown}
            aria-controls={listId}
            aria-activedescendant={active >= 0 ? optionId(active) : undefined}
            aria-invalid={error !== undefined}
            invalid={error !== undefined}
            autoComplete="off"
            spellCheck={false}
            className={styles.input}
            placeholder={placeholder}
            value={text}
            onFocus={load}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              open(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            }}
            onClick={close}
            onBlur={take}
            onKeyDown={onKeyDown}
          />
          {isShown && (
            <ul id={listId} role="listbox" aria-label={`${label}: completions`} className={styles.list}>
              {!language && (
                <li className={styles.item} role="option" aria-selected={false} aria-disabled>
                  {unread ? `The fields cannot be read: ${unread}` : 'Loading fields'}
                </li>
              )}
              {items.map((item, index) => (
                <li
                  key={item.label}
                  id={optionId(index)}
                  role="option"
                  aria-selected={index === active}
                  className={cx(styles.item, styles.choice, index === active && styles.active)}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => put(item)}
                >
                  <code className={styles.code}>{item.label}</code>
                  <span className={styles.doc}>{item.doc}</span>
                </li>
              ))}
            </ul>
          )}
        </Anchor>
      </EditorField>
    </div>
  );
}

/** What the list is below. A field gives its child props that an element would not know. */
function Anchor({ className, children }: { className: string; children: ReactNode }) {
  return <div className={className}>{children}</div>;
}

const getStyles = (theme: GrafanaTheme2) => ({
  // As wide as there is room, whatever an error says.
  field: css({ flex: `1 1 ${theme.spacing(60)}`, minWidth: 0, maxWidth: theme.spacing(90) }),
  anchor: css({ position: 'relative', width: '100%' }),
  input: css({ input: { fontFamily: theme.typography.fontFamilyMonospace } }),
  list: css({
    position: 'absolute',
    top: '100%',
    left: 0,
    right: 0,
    maxHeight: theme.spacing(30),
    overflowY: 'auto',
    listStyle: 'none',
    zIndex: theme.zIndex.dropdown,
    background: theme.colors.background.elevated ?? theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
    boxShadow: theme.shadows.z3,
  }),
  item: css({ padding: theme.spacing(0.5, 1), display: 'flex', gap: theme.spacing(2), alignItems: 'baseline' }),
  choice: css({ cursor: 'pointer', '&:hover': { background: theme.colors.action.hover } }),
  active: css({ background: theme.colors.action.focus }),
  code: css({ background: 'none', border: 'none', padding: 0, whiteSpace: 'nowrap' }),
  doc: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  }),
});
