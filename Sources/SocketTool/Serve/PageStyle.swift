// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// How the pages look.
enum PageStyle {
  static let sheet = """
    :root { --page: #f6f7f9; --card: #fff; --ink: #1c2330; --soft: #667085; --line: #e6e9ef;
      --accent: #2459d6; --hover: #f0f4ff; --folder: #e0a526; --file: #9aa7bd; }
    @media (prefers-color-scheme: dark) {
      :root { --page: #12151b; --card: #1a1f28; --ink: #e5e9f0; --soft: #8d98ab; --line: #2a313d;
        --accent: #8ab0ff; --hover: #222a38; --folder: #d9a93f; --file: #66738a; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    main { max-width: 60rem; margin: 2.5rem auto 0; padding: 0 1.25rem; }
    h1 { margin: 0; font-size: 1.35rem; font-weight: 600; overflow-wrap: anywhere; }
    h1 span { color: var(--soft); font-weight: 400; margin: 0 .35rem; }
    h1 b { font-weight: 600; }
    a { color: var(--accent); text-decoration: none; }
    a:hover { text-decoration: underline; }
    a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
    .sum { margin: .25rem 0 1.25rem; color: var(--soft); }
    .empty { color: var(--soft); text-align: center; padding: 2rem; }
    table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card);
      border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
    th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--soft);
      padding: .6rem 1rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
    td { padding: 0 1rem; border-bottom: 1px solid var(--line); }
    tbody tr:last-child td { border-bottom: 0; }
    tbody tr:hover { background: var(--hover); }
    td a { display: block; padding: .5rem 0 .5rem 2rem; position: relative;
      overflow-wrap: anywhere; }
    .size, .time { text-align: right; white-space: nowrap; color: var(--soft);
      font-variant-numeric: tabular-nums; }
    i { position: absolute; left: 0; top: .78rem; width: 1.15rem; height: .9rem;
      border-radius: 2px; }
    .folder { background: var(--folder); }
    .folder::before { content: ""; position: absolute; left: 0; top: -.18rem; width: .55rem;
      height: .3rem; border-radius: 2px 2px 0 0; background: inherit; }
    .file { width: .85rem; height: 1.05rem; left: .15rem; top: .7rem;
      border: 1.5px solid var(--file);
      clip-path: polygon(0 0, 62% 0, 100% 32%, 100% 100%, 0 100%); }
    .up { color: inherit; }
    i.up { width: .55rem; height: .55rem; left: .3rem; top: 1rem; border: solid var(--soft);
      border-width: 2px 0 0 2px; border-radius: 0; transform: rotate(45deg); }
    footer { max-width: 60rem; margin: 1rem auto 2.5rem; padding: 0 1.25rem; color: var(--soft);
      font-size: .8rem; }
    @media (max-width: 36rem) { main { margin-top: 1.25rem; } .time { display: none;
      } td, th { padding-left: .75rem; padding-right: .75rem; } }
    """
}
