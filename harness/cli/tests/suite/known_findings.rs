//! What hunts have found in the engines built in is still there; if not, an engine
//! has mended it, and its file can go.

use std::path::Path;

use super::bench::Bench;

#[test]
fn known_findings_are_still_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ci/known-findings");
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("it has a page");
    let mut plans = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        plans += 1;
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        assert!(readme.contains(&format!("`{name}`")), "{name} is not in README.md");
        let said = Bench::new().say(&["replay", path.to_str().expect("it is UTF-8")]);
        assert!(
            matches!(said.code, Some(4 | 6)),
            "{name} is mended: take it out, and say so in the changelog\n{said:#?}"
        );
    }
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let named: usize = rows.map(|row| row.matches(".json`").count()).sum();
    assert_eq!(plans, named, "README.md names files that are not there");
}
