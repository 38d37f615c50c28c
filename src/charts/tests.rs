use bondhub_core::{money::Currency, party::Language};
use chrono::NaiveDate;

use super::*;

fn caption() -> Caption {
    Caption {
        id: "history".to_owned(),
        title: "残高 <合計> & \"推移\"".to_owned(),
        description: "2026年4月から6月まで".to_owned(),
        unit: Unit {
            currency: Currency::JPY,
            language: Language::Ja,
        },
    }
}

fn days() -> Vec<NaiveDate> {
    let day = |month| NaiveDate::from_ymd_opt(2026, month, 28).unwrap();
    (4..=6).map(day).collect()
}

fn layer(name: &str, amounts: &[i64]) -> Layer {
    Layer {
        name: name.to_owned(),
        amounts: days().into_iter().zip(amounts.iter().copied()).collect(),
    }
}

/// Elements closed, and nothing that could be taken for markup in a text.
fn is_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in svg.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{svg}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn a_chart_says_what_it_shows_to_whoever_cannot_see_it() {
    let svg = layers(&caption(), &days(), &[layer("甲", &[1, 2, 3])]);
    assert!(svg.contains("role=\"img\" aria-labelledby=\"history-title history-desc\""));
    assert!(
        svg.contains(
            "<title id=\"history-title\">残高 &lt;合計&gt; &amp; &quot;推移&quot;</title>"
        )
    );
    assert!(svg.contains("<desc id=\"history-desc\">2026年4月から6月まで</desc>"));
    is_well_formed(&svg);
}

#[test]
fn layers_differ_by_hatching_and_carry_their_names() {
    let many = [
        layer("甲", &[5, 5, 5]),
        layer("<乙>", &[0, 7, 9]),
        layer("丙", &[1, 1, 0]),
    ];
    let svg = layers(&caption(), &days(), &many);
    for (number, name) in ["甲", "&lt;乙&gt;", "丙"].iter().enumerate() {
        assert!(
            svg.contains(&format!("fill=\"url(#history-{number})\"")),
            "{svg}"
        );
        assert!(svg.contains(&format!(">{name}</text>")), "{svg}");
    }
    is_well_formed(&svg);
}

#[test]
fn empty_and_single_figures_are_drawn_too() {
    for svg in [
        layers(&caption(), &[], &[]),
        layers(&caption(), &days()[..1], &[layer("甲", &[1])]),
        bars(&caption(), &[]),
        ranks(
            &caption(),
            &[Bar {
                name: "甲".into(),
                amount: i64::MAX,
            }],
        ),
    ] {
        is_well_formed(&svg);
    }
}

#[test]
fn the_longest_bar_belongs_to_the_largest_amount() {
    let bar = |name: &str, amount| Bar {
        name: name.to_owned(),
        amount,
    };
    let svg = ranks(&caption(), &[bar("甲", 100), bar("乙", 50)]);
    let widths: Vec<f64> = svg
        .split("<rect x=\"190\"")
        .skip(1)
        .map(|rest| {
            rest.split("width=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    assert_eq!(widths.len(), 2);
    assert!(widths[0] > widths[1] * 1.9, "{widths:?}");
}
