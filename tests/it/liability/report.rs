//! The report as PDF: every figure to the yen, for whoever may see it, in both languages.

use bondhub::desk::ReportOrder;

use super::*;

/// What other programs read in the PDF; also that it is a sound one, and tagged.
fn read(world: &World, bytes: &[u8]) -> String {
    std::fs::write(world.folder().join("report.pdf"), bytes).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(world.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{program}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run("qpdf", &["--check", "report.pdf"]);
    assert!(run("pdfinfo", &["report.pdf"]).contains("Tagged:          yes"));
    let structure = run("pdfinfo", &["-struct", "report.pdf"]);
    for part in ["H1", "H2", "Table", "TH", "TD", "Figure"] {
        assert!(structure.contains(part), "{part}: {structure}");
    }
    run("pdftotext", &["-layout", "report.pdf", "-"])
}

async fn report(world: &World, beholder: &Beholder, language: Language) -> String {
    let order = ReportOrder {
        as_of: None,
        known_on: None,
        language,
    };
    let made = world.desk.balance_report(beholder, &order).await.unwrap();
    assert_eq!(made.as_of, world.desk.today());
    read(world, &made.bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_has_every_figure_to_the_yen_and_nobody_elses() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        world
            .desk
            .put_party(&party("S002", Role::Issuer, Language::Ja))
            .await
            .unwrap();
        let mine = [
            row(&world, "P-1", WINNER, 123_456_789),
            row(&world, "P-2", LOSER, 900_719_925_474_099),
        ];
        world.import(ISSUER, &list(&mine), STRICT).await;
        let theirs = [row(&world, "P-1", WINNER, 55_555_001)];
        world.import("S002", &list(&theirs), STRICT).await;
        let ja = report(&world, &Beholder::Operator, Language::Ja).await;
        for figure in [
            "￥900,720,104,485,889",
            "￥900,720,048,930,888",
            "￥55,555,001",
            "￥179,011,790",
            "￥900,719,925,474,099",
        ] {
            assert!(ja.contains(figure), "{figure} in {ja}");
        }
        let last = (world.desk.today() + Days::new(300)).format("%Y-%m");
        assert!(ja.contains(&last.to_string()), "what ends when");
        assert!(ja.contains("保証債務残高報告書"));
        let without = "開札前の入札に関するボンドは含まれません";
        assert_eq!(
            ja.matches(without).count(),
            1,
            "beside the ranking of contractors alone"
        );
        let issuer = world.desk.party_beholding(&code("S002")).await.unwrap();
        let en = report(&world, &issuer, Language::En).await;
        for figure in [
            "JPY 55,555,001",
            "JPY 900,720,104,485,889",
            "Report on outstanding liability",
        ] {
            assert!(en.contains(figure), "{figure} in {en}");
        }
        assert!(
            !en.contains("not open yet"),
            "an issuer's own are all there"
        );
        for figure in ["123,456,789", "900,719,925,474,099", "900,720,048,930,888"] {
            assert!(
                !en.contains(figure),
                "{figure} is another issuer's (R43): {en}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_writes_the_report_of_everything_or_of_what_a_party_may_see() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let mine = [row(&world, "P-1", WINNER, 123_456_789)];
    world.import(ISSUER, &list(&mine), STRICT).await;
    let run = |arguments: &[&str]| bondhub(world.folder(), arguments);
    let made = run(&["balance", "report", "--pdf", "all.pdf"]);
    assert!(made.status.success(), "{made:?}");
    let bytes = std::fs::read(world.folder().join("all.pdf")).unwrap();
    assert!(read(&world, &bytes).contains("￥123,456,789"));
    let of_other = [
        "balance",
        "report",
        "--pdf",
        "other.pdf",
        "--party",
        LOSER,
        "--language",
        "en",
    ];
    assert!(run(&of_other).status.success());
    let bytes = std::fs::read(world.folder().join("other.pdf")).unwrap();
    assert!(bytes.starts_with(b"%PDF"));
    let text = Command::new("pdftotext")
        .args(["other.pdf", "-"])
        .current_dir(world.folder())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("Nothing is outstanding") && !text.contains("123,456,789"));
}
